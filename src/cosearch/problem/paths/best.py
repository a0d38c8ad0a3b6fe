"""The best networks within limits, for certain, and how near one can come where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.problem.paths.aims import SLACK, Aim, Highest, Nearest
from cosearch.problem.paths.backward import Usable, best_along, completions
from cosearch.problem.paths.bounds import Path, Weighing
from cosearch.problem.paths.descent import descend
from cosearch.problem.paths.scoring import EdgeScores, Per, Scores, edge_scores
from cosearch.problem.paths.table import PathTable

Limits = Mapping[str, float]
_NARROW: Final = 64
_WIDE: Final = 1 << 20  # partial paths: gigabytes
_WIDER: Final = 8


@dataclass(frozen=True)
class Best:
    """A network, what it scores and costs, and by how much it misses the limits (0: not at all).

    `gap` is how much more an unseen network might score at most, or less it might violate; 0 but
    where more than a million partial networks were in question.
    """

    genome: Int[ndarray, " d"]
    score: float
    costs: Mapping[str, float]
    violation: float
    gap: float = 0.0


def best_path(
    table: PathTable, scores: Scores | None, limits: Limits, *, per: Per = "knob"
) -> Best:
    """The genome of highest total score within all limits; else that of the least violation.

    `scores`: see `edge_scores`; their sum is exact to rounding (1e-12 of it). The violation is
    the sum of the relative excesses, as `Problem` has it; inf where nothing can run. Raises
    `CosearchError` for a metric the table lacks, a limit that is not positive, or where -inf leaves
    no network.
    """
    question = Question(table, edge_scores(table, scores, per), limits)
    highest, met = question.highest()
    path, gap = _search(highest, met)
    if path is None:
        nearest, tried = question.nearest()
        path, gap = _search(nearest, tried)
    return question.answer(question.idle() if path is None else path, gap)


def best_paths(
    table: PathTable, scores: Scores | None, limits: Limits, *, per: Per = "knob"
) -> Iterator[Best]:
    """The networks within the limits by falling score, found as they are asked for.

    Raises `CosearchError` where more than a million partial networks are in question before the
    next one is certain.
    """
    question = Question(table, edge_scores(table, scores, per), limits)
    highest, _ = question.highest()
    given: set[bytes] = set()
    for width in _widths():
        reached = descend(highest, -np.inf, width, one_best=False)
        for path, worth in zip(reached.paths, reached.worth, strict=True):
            if worth >= reached.unseen and path.tobytes() not in given:
                given.add(path.tobytes())
                yield question.answer(path, 0.0)
        if np.isneginf(reached.unseen):
            return
    raise CosearchError(
        f"space {table.graph.name!r}: after {len(given)} networks more than {_WIDE:,} partial "
        "ones may be the next best"
    )


def _search(aim: Aim, known: list[Path]) -> tuple[Path | None, float]:
    """(the path worth most, how much an unseen one may be worth more), ever wider."""
    best, worth = None, -np.inf
    for path in known:
        if aim.worth(path) > worth:
            best, worth = path, aim.worth(path)
    above = 0.0
    for width in _widths():
        floor = worth + SLACK * (1 + abs(worth)) if best is not None else worth
        reached = descend(aim, floor, width, one_best=True)
        if len(reached.paths):
            best, worth = reached.paths[0], float(reached.worth[0])
        above = reached.unseen - worth if best is not None else reached.unseen
        if reached.unseen <= floor or above <= SLACK * (1 + abs(worth)):
            return best, 0.0
    return best, above


def _widths() -> Iterator[int]:
    width = _NARROW
    while width <= _WIDE:
        yield width
        width *= _WIDER


class Question:
    """A table, scores and limits, checked and put in order."""

    def __init__(self, table: PathTable, scores: EdgeScores, limits: Limits) -> None:
        self._table, self._scores, self._limits = table, scores, limits
        for metric, at_most in limits.items():
            if not (np.isfinite(at_most) and at_most > 0):
                raise CosearchError(f"limit on {metric} = {at_most}: a positive number is needed")
        self._usable = _usable(table, scores, limits)

    def highest(self) -> tuple[Highest, list[Path]]:
        """What is sought within the limits, and paths to begin with."""
        weighing = Weighing(self._usable)
        aim = Highest(self._usable, weighing.scored(), weighing.within())
        return aim, weighing.paths

    def nearest(self) -> tuple[Nearest, list[Path]]:
        """What is sought where no path is within them."""
        flat = tuple(np.where(np.isneginf(s), s, 0.0) for s in self._usable.scores)
        usable = replace(self._usable, scores=flat)
        weighing = Weighing(usable)
        return Nearest(usable, weighing.violated()), weighing.paths

    def idle(self) -> Path:
        """The best of what cannot run."""
        values = completions(self._table.graph, self._scores)
        if np.isneginf(values[0][0]):
            raise CosearchError(f"space {self._table.graph.name!r}: no network is left to choose")
        return best_along(self._table.graph, self._scores, values)

    def answer(self, path: Path, gap: float) -> Best:
        """A path as people want it."""
        costs = self._table.along(path[None])[0]
        score = sum(float(s[edge]) for s, edge in zip(self._scores, path, strict=True))
        named = dict(zip(self._table.metrics, costs.tolist(), strict=True))
        excess = sum((max(named[m] / at - 1.0, 0.0) for m, at in self._limits.items()), 0.0)
        runs = bool(np.isfinite(costs).all())
        genome = self._table.graph.genomes(path[None])[0]
        return Best(genome, score, named, excess if runs else np.inf, gap)


def _usable(table: PathTable, scores: tuple[ndarray, ...], limits: Limits) -> Usable:
    """Without the edges of what cannot run."""
    columns = [table.column(metric) for metric in limits]
    runs = [np.isfinite(costs).all(axis=1) for costs in table.edges]
    return Usable(
        table.graph,
        tuple(np.where(on, score, -np.inf) for on, score in zip(runs, scores, strict=True)),
        tuple(
            np.where(np.asarray(on)[:, None], costs[:, columns], 0.0)
            for on, costs in zip(runs, table.edges, strict=True)
        ),
        np.array([limits[metric] for metric in limits], dtype=float),
    )
