"""Uniform networks within a range of costs, by construction: counted, not tried and thrown away.

Costs are rounded to whole steps, and the paths to the end with each sum of steps are counted. A
sum of steps counts as within the range only if every path that has it is: the rounding lets none
outside through, and leaves out paths that lie within `lost` of the range's ends. Of those left
each is drawn with the same probability, but for the rounding of the counts to 53 bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.problem.paths.backward import best_along, completions
from cosearch.problem.paths.graph import Graph
from cosearch.problem.paths.table import PathTable

_FINE: Final = 64  # steps that make up the range, per level that varies
_MOST: Final = 40_000_000  # counts in all
_AT_ONCE: Final = 4_000_000  # edges in question while drawing


@dataclass(frozen=True)
class Rounded:
    """A metric's edge costs in whole steps above the cheapest edge of each level; -1: cannot run.

    A path of so many steps costs from `base + steps x step - low` to the same `+ high`.
    """

    steps: tuple[Int[ndarray, "_"], ...]
    step: float
    base: float
    low: float
    high: float

    @property
    def lost(self) -> float:
        """How near to an end of a range a path may lie and be left out, in the metric's unit."""
        return self.low + self.high + 2e-9 * self.step

    @property
    def top(self) -> int:
        """The most steps a path has."""
        return sum(int(steps.max()) for steps in self.steps)

    def span(self, at_least: float, at_most: float) -> tuple[int, int]:
        """The fewest and the most steps that are surely within a range; infinite is no end."""
        slack = 1e-9 * self.step  # sums in another order differ by less
        fewest = (at_least - self.base + self.low + slack) / self.step
        most = (at_most - self.base - self.high - slack) / self.step
        return int(np.ceil(max(fewest, 0))), int(np.floor(max(min(most, self.top), -1)))


def round_costs(table: PathTable, metric: str, range_: float, at_most: float) -> Rounded:
    """Steps fine enough for a range this wide, as far as memory allows."""
    costs = [edges[:, table.column(metric)] for edges in table.edges]
    least = [float(column[np.isfinite(column)].min(initial=np.inf)) for column in costs]
    above = [column - low for column, low in zip(costs, least, strict=True)]
    base = sum(least)
    varying = sum(bool((np.isfinite(a) & (a > 0)).any()) for a in above)
    nodes = sum(len(level.first) for level in table.graph.levels)
    step = max(range_ / (_FINE * max(varying, 1)), (at_most - base) * nodes / _MOST) or 1.0
    steps, low, high = [], 0.0, 0.0
    for column in above:
        runs = np.isfinite(column)
        whole = np.full(len(column), -1)
        whole[runs] = np.rint(column[runs] / step)
        error = column[runs] - whole[runs] * step
        low, high = low - float(error.min(initial=0.0)), high + float(error.max(initial=0.0))
        steps.append(whole)
    return Rounded(tuple(steps), step, base, low, high)


def reachable(table: PathTable, metric: str) -> tuple[float, float]:
    """The least and the most of a metric among networks that can run; inf, -inf if none can."""
    column = table.column(metric)
    runs = [np.isfinite(costs).all(axis=1) for costs in table.edges]

    def most(sign: float) -> float:
        scores = tuple(
            np.where(on, sign * costs[:, column], -np.inf)
            for on, costs in zip(runs, table.edges, strict=True)
        )
        path = best_along(table.graph, scores, completions(table.graph, scores))
        return float(table.along(path[None])[0, column])

    if np.isneginf(completions(table.graph, tuple(np.where(on, 0.0, -np.inf) for on in runs))[0]):
        return np.inf, -np.inf
    return most(-1.0), most(1.0)


def count(graph: Graph, rounded: Rounded, fewest: int, most: int) -> list[Float[ndarray, "_ k"]]:
    """Completions from each level, node and number of steps so far, that end within the span."""
    end = np.zeros((1, max(most, 0) + 1))
    end[0, max(fewest, 0) : most + 1] = 1.0
    counts = [end]
    for level, steps in zip(reversed(graph.levels), reversed(rounded.steps), strict=True):
        here = np.zeros((len(level.first), end.shape[1]))
        after = counts[-1]
        for source, target, step in zip(level.source, level.target, steps, strict=True):
            if 0 <= step < end.shape[1]:
                here[source, : end.shape[1] - step] += after[target, step:]
        counts.append(here)
    return counts[::-1]


@dataclass(frozen=True)
class Sampler:
    """Counts of completions, made once for many draws."""

    graph: Graph
    rounded: Rounded
    counts: list[Float[ndarray, "_ k"]]

    @classmethod
    def anywhere(cls, table: PathTable) -> Sampler:
        """All networks alike."""
        steps = tuple(np.zeros(len(level.source), dtype=np.int64) for level in table.graph.levels)
        rounded = Rounded(steps, 1.0, 0.0, 0.0, 0.0)
        return cls(table.graph, rounded, count(table.graph, rounded, 0, 0))

    @classmethod
    def of(cls, table: PathTable, metric: str, at_least: float, at_most: float) -> Sampler:
        """Networks within a range of one metric. Raises `CosearchError` for an empty one."""
        low, high = reachable(table, metric)
        asked = f"{metric} from {at_least:.6g} to {at_most:.6g}"
        can = f"networks of {table.graph.name!r} have {low:.6g} to {high:.6g}"
        if not (at_least <= at_most and at_least <= high and at_most >= low):
            raise CosearchError(f"{asked}: no network there; {can}")
        end = min(at_most, high)
        rounded = round_costs(table, metric, end - max(at_least, low), end)
        span = rounded.span(
            at_least if at_least > low else -np.inf, at_most if at_most < high else np.inf
        )
        counts = count(table.graph, rounded, *span)
        if not counts[0][0, 0]:
            raise CosearchError(
                f"{asked}: no network that is within by {rounded.lost:.2g} at least; {can}"
            )
        return cls(table.graph, rounded, counts)

    @property
    def networks(self) -> float:
        """How many there are to draw from."""
        return float(self.counts[0][0, 0])

    def sample(self, rng: np.random.Generator, n: int) -> Int[ndarray, "n d"]:
        """Genomes (n, d)."""
        most = max(int(level.degree.max()) for level in self.graph.levels)
        size = max(1, _AT_ONCE // most)
        parts = [self._paths(rng, min(size, n - at)) for at in range(0, n, size)]
        empty = np.empty((0, len(self.graph.levels)), dtype=np.int64)
        return self.graph.genomes(np.concatenate([empty, *parts]))

    def _paths(self, rng: np.random.Generator, n: int) -> Int[ndarray, "n t"]:
        """From the first level to the last, each edge by how many completions it has."""
        node = np.zeros(n, dtype=np.int64)
        so_far = np.zeros(n, dtype=np.int64)
        path = np.empty((n, len(self.graph.levels)), dtype=np.int64)
        for t, level in enumerate(self.graph.levels):
            row = np.repeat(np.arange(n), level.degree[node])
            begins = np.cumsum(level.degree[node]) - level.degree[node]
            edge = level.first[node][row] + np.arange(len(row)) - begins[row]
            steps = so_far[row] + self.rounded.steps[t][edge]
            there = (self.rounded.steps[t][edge] >= 0) & (steps < self.counts[t + 1].shape[1])
            ways = self.counts[t + 1][level.target[edge], np.where(there, steps, 0)]
            share = np.where(there, ways, 0.0) / self.counts[t][node, so_far][row]
            chosen = _draw(share, begins, rng.random(n))
            path[:, t] = edge[chosen]
            node, so_far = level.target[path[:, t]], steps[chosen]
        return path


def _draw(
    share: Float[ndarray, " e"], begins: Int[ndarray, " n"], luck: Float[ndarray, " n"]
) -> Int[ndarray, " n"]:
    """One of each run of shares that sum up to 1; never one whose share is 0."""
    sums = np.concatenate([[0.0], np.cumsum(share)])
    ends = sums[np.append(begins[1:], len(share))]
    at = sums[begins] + luck * (ends - sums[begins])
    return np.searchsorted(sums[1:], np.minimum(at, np.nextafter(ends, 0.0)), side="right")


def sample_paths(
    table: PathTable,
    rng: np.random.Generator,
    n: int,
    *,
    at_least: Mapping[str, float] | None = None,
    at_most: Mapping[str, float] | None = None,
) -> Int[ndarray, "n d"]:
    """Genomes (n, d), uniform over the networks whose metric lies within the range.

    Ranges may be given of one metric; without any, all networks are drawn alike (`Space.sample`
    draws knobs alike, which prefers networks of few knobs). Raises `CosearchError` for an empty
    range, naming the one that can be reached.
    """
    lower, upper = dict(at_least or {}), dict(at_most or {})
    metrics = list({**lower, **upper})
    if len(metrics) > 1:
        raise CosearchError(f"ranges of {', '.join(metrics)}: one metric at a time is supported")
    if not metrics:
        return Sampler.anywhere(table).sample(rng, n)
    name = metrics[0]
    ends = lower.get(name, -np.inf), upper.get(name, np.inf)
    return Sampler.of(table, name, *ends).sample(rng, n)
