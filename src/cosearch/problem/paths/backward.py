"""Best completions from every node, by dynamic programming from the last level to the first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.problem.paths.graph import Graph
from cosearch.problem.paths.scoring import EdgeScores

Completions = tuple[Float[ndarray, "_"], ...]  # per level and source, then of the end


def completions(graph: Graph, scores: EdgeScores) -> Completions:
    """The highest sum of edge scores from each node to the end."""
    values = [np.zeros(1)]
    for level, score in zip(reversed(graph.levels), reversed(scores), strict=True):
        through = score + values[-1][level.target]
        values.append(np.maximum.reduceat(through, level.first))
    return tuple(reversed(values))


def best_along(graph: Graph, scores: EdgeScores, values: Completions) -> Int[ndarray, " t"]:
    """The path of the highest sum; of equals the first."""
    node, path = 0, []
    for level, score, after in zip(graph.levels, scores, values[1:], strict=True):
        start = level.first[node]
        own = slice(start, start + level.degree[node])
        edge = start + int(np.argmax(score[own] + after[level.target[own]]))
        path.append(edge)
        node = level.target[edge]
    return np.array(path, dtype=np.int64)


@dataclass(frozen=True)
class Usable:
    """A graph's scores and costs under limits; what cannot be used has score -inf and cost 0."""

    graph: Graph
    scores: EdgeScores
    costs: tuple[Float[ndarray, "_ m"], ...]  # of the limited metrics
    limits: Float[ndarray, " m"]

    def weighted(
        self, weights: Float[ndarray, " m"], *, scored: bool = True
    ) -> tuple[EdgeScores, Completions]:
        """Scores less weighted costs, of one unit per limit, and their best completions."""
        price = weights / self.limits
        edges = tuple(
            np.where(np.isneginf(score), score, (score if scored else 0.0) - cost @ price)
            for score, cost in zip(self.scores, self.costs, strict=True)
        )
        return edges, completions(self.graph, edges)

    def cost(self, path: Int[ndarray, " t"]) -> Float[ndarray, " m"]:
        """Of a path, added in its order."""
        total = np.zeros(len(self.limits))
        for costs, edge in zip(self.costs, path, strict=True):
            total = total + costs[edge]
        return total

    def score(self, path: Int[ndarray, " t"]) -> float:
        """Of a path, added in its order."""
        total = 0.0
        for score, edge in zip(self.scores, path, strict=True):
            total += float(score[edge])
        return total
