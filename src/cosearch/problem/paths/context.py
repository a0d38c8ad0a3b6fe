"""What blocks cost among others: the mean over random networks of the space."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost import Cost
from cosearch.networks import Layers
from cosearch.problem.paths.graph import Graph
from cosearch.problem.paths.priced import Paths

_TIMES: Final = 8  # networks through every edge
_NETWORKS: Final = 20_000  # in all, if that many times are too many
_AT_ONCE: Final = 512


def in_networks(
    paths: Paths,
    cost_of_layers: Callable[[Layers], Cost],
    metrics: Sequence[str],
    rng: np.random.Generator,
) -> tuple[Float[ndarray, "_ m"], ...]:
    """Mean cost of each edge; infinite where no network with it can run."""
    graph = paths.graph
    sums = [np.zeros((len(level.source), len(metrics))) for level in graph.levels]
    seen = [np.zeros((len(level.source), 1)) for level in graph.levels]
    for path in _chunks(random_paths(graph, rng)):
        found = _per_level(paths, cost_of_layers(paths.chain.decode(graph.genomes(path))), metrics)
        for t, cost in enumerate(np.moveaxis(found, 1, 0)):
            runs = np.isfinite(cost).all(axis=1)
            np.add.at(sums[t], path[runs, t], cost[runs])
            np.add.at(seen[t], path[runs, t], 1.0)
    return tuple(
        np.where(n > 0, total / np.maximum(n, 1.0), np.inf)
        for total, n in zip(sums, seen, strict=True)
    )


def random_paths(graph: Graph, rng: np.random.Generator) -> Int[ndarray, "n t"]:
    """Paths through every edge, as many through each."""
    edges = sum(len(level.source) for level in graph.levels)
    times = max(1, min(_TIMES, _NETWORKS // edges))
    parts = []
    for t, level in enumerate(graph.levels):
        edge = np.repeat(np.arange(len(level.source)), times)
        parts.append(_through(graph, t, edge, rng))
    return np.concatenate(parts)


def _through(
    graph: Graph, at: int, edge: Int[ndarray, " n"], rng: np.random.Generator
) -> Int[ndarray, "n t"]:
    """A random path through each of these edges of one level."""
    path = np.empty((len(edge), len(graph.levels)), dtype=np.int64)
    path[:, at] = edge
    node = graph.levels[at].target[edge]
    for t, level in enumerate(graph.levels[at + 1 :], start=at + 1):
        path[:, t] = level.first[node] + rng.integers(0, level.degree[node])
        node = level.target[path[:, t]]
    node = graph.levels[at].source[edge]
    for t in reversed(range(at)):
        level = graph.levels[t]
        into = np.argsort(level.target, kind="stable")
        count = np.bincount(level.target)
        begins = np.cumsum(count) - count
        path[:, t] = into[begins[node] + rng.integers(0, count[node])]
        node = level.source[path[:, t]]
    return path


def _per_level(paths: Paths, cost: Cost, metrics: Sequence[str]) -> Float[ndarray, "n t m"]:
    """Costs (n, L) of decoded networks, summed over the slots of each level."""
    rows = np.stack([getattr(cost, name) for name in metrics], axis=-1)
    ends = np.concatenate([[0], np.cumsum(paths.fills)])
    slots = np.cumsum([0, *(level.blocks.shape[1] for level in paths.graph.levels)])
    sums = [rows[:, ends[a] : ends[b]].sum(axis=1) for a, b in pairwise(slots)]
    return np.stack(sums, axis=1)


def _chunks(paths: Int[ndarray, "n t"]) -> Iterator[Int[ndarray, "k t"]]:
    for at in range(0, len(paths), _AT_ONCE):
        yield paths[at : at + _AT_ONCE]
