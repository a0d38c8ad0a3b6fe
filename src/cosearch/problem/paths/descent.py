"""All that is worth keeping, level by level: partial paths, pruned by bounds and by each other.

At most `width` partial paths go on, those that promise most. The most that was left behind says
what an unseen path could be worth: whatever was found above it is certain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.problem.paths.aims import Aim
from cosearch.problem.paths.dominance import undominated


@dataclass(frozen=True)
class Partial:
    """Partial paths, and where each came from."""

    node: Int[ndarray, " n"]
    score: Float[ndarray, " n"]
    cost: Float[ndarray, "n m"]
    promise: Float[ndarray, " n"]
    parent: Int[ndarray, " n"]
    edge: Int[ndarray, " n"]

    def __getitem__(self, index: ndarray) -> Partial:
        return Partial(
            self.node[index],
            self.score[index],
            self.cost[index],
            self.promise[index],
            self.parent[index],
            self.edge[index],
        )


@dataclass(frozen=True)
class Reached:
    """Whole paths, the best first, what they are worth, and the most an unseen one can be."""

    paths: Int[ndarray, "n t"]
    worth: Float[ndarray, " n"]
    unseen: float


def descend(aim: Aim, floor: float, width: int, *, one_best: bool) -> Reached:
    """Paths worth more than `floor`.

    With `one_best` a partial path goes where another at its node scores no less and costs no more:
    the best stays, the second best may not.
    """
    usable = aim.usable
    start = np.zeros(1, dtype=np.int64)
    now = Partial(start, np.zeros(1), np.zeros((1, len(usable.limits))), np.ones(1), start, start)
    steps: list[Partial] = []
    unseen = -np.inf
    for level in range(len(usable.graph.levels)):
        now = _expand(aim, level, now, floor)
        if one_best:
            now = now[undominated(now.node, now.score, now.cost)]
        if len(now.node) > width:
            order = np.argsort(-now.promise, kind="stable")
            unseen = max(unseen, float(now.promise[order[width]]))
            now = now[np.sort(order[:width])]
        steps.append(now)
    order = np.argsort(-now.promise, kind="stable")
    return Reached(_trace(steps, order), now.promise[order], unseen)


def _expand(aim: Aim, level: int, now: Partial, floor: float) -> Partial:
    """Every edge after every partial path, where it still promises more than the floor."""
    usable = aim.usable
    edges = usable.graph.levels[level]
    count = edges.degree[now.node]
    ends = np.cumsum(count)
    parent = np.repeat(np.arange(len(count)), count)
    edge = edges.first[now.node][parent] + np.arange(len(parent)) - (ends - count)[parent]
    node = edges.target[edge]
    score = now.score[parent] + usable.scores[level][edge]
    cost = now.cost[parent] + usable.costs[level][edge]
    promise = aim.promise(level + 1, node, score, cost)
    return Partial(node, score, cost, promise, parent, edge)[promise > floor]


def _trace(steps: list[Partial], ends: Int[ndarray, " n"]) -> Int[ndarray, "n t"]:
    """The edges that led to each end."""
    paths = np.empty((len(ends), len(steps)), dtype=np.int64)
    for level in reversed(range(len(steps))):
        paths[:, level] = steps[level].edge[ends]
        ends = steps[level].parent[ends]
    return paths
