"""The last step of a search: the best network that truly meets its limits.

The table proposes, the true cost model decides. How far the two lie apart is observed, as ratios
true / table, and the table's limits are set so wide that no network within these ratios is left
out. What is returned was asked of the true model: it meets the limits, or none was found to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import LimitError
from cosearch.problem.goals import beside_limits
from cosearch.problem.paths.aims import Highest
from cosearch.problem.paths.asked import Asked, Model
from cosearch.problem.paths.best import Limits, Question, best_path
from cosearch.problem.paths.descent import Reached, descend
from cosearch.problem.paths.scoring import Per, Scores, edge_scores
from cosearch.problem.paths.table import PathTable

_QUANTILES: Final = (0.0, 0.1, 0.5, 0.9, 1.0)  # of the ratios: from loose limits to tight ones
_BATCH: Final = 64
_NEAR: Final = 512  # networks asked where no limit could be met
_WIDTHS: Final = (64, 512, 4096, 32768)


@dataclass(frozen=True)
class Step:
    """What the last step found.

    `metrics` and `violation` are the true model's, of `asked` networks in all. `certain`: no
    network scores more within the limits, nor is one within them where none was found, if true /
    table lies everywhere between the least and the most observed (`ratios`, by metric).
    """

    genome: Int[ndarray, " d"]
    score: float
    metrics: Mapping[str, float]
    violation: float
    certain: bool
    asked: int
    ratios: Mapping[str, tuple[float, float]]

    @property
    def met(self) -> bool:
        """Whether the limits are."""
        return self.violation == 0.0

    def required(self, limits: Limits) -> Step:
        """Itself, or a `LimitError` that says by how much its network misses the limits."""
        if self.met:
            return self
        among = "no design meets" if self.certain else f"none of {self.asked:,} designs asked meets"
        raise LimitError(
            f"{among} the limits; the nearest has {beside_limits(self.metrics, limits)}, "
            f"violation {self.violation:.3g}"
        )


@dataclass(frozen=True)
class Candidate:
    """A chip that might be chosen: its score, and what networks cost on it."""

    score: float
    table: PathTable
    model: Model


def exact_step(
    table: PathTable,
    scores: Scores | None,
    limits: Limits,
    model: Model,
    *,
    per: Per = "knob",
    most: int = 4096,
    seed: int = 0,
) -> Step:
    """The genome of highest score that meets `limits` by `model`; else of the least violation seen.

    `model` (genomes -> metrics) is asked in batches, of `most` networks or few more. Exact where
    table and model agree; else the best of those asked, and `certain` where nothing between the
    observed ratios was left unasked. A limit on what the table lacks, such as a chip's area, is
    judged by the model alone. Raises `CosearchError` as `best_path` does.
    """
    search = _Search(Asked(table, edge_scores(table, scores, per), limits, model, most, seed))
    return search.run()


def best_pair(
    candidates: Sequence[Candidate],
    scores: Scores | None,
    limits: Limits,
    *,
    per: Per = "knob",
    most: int = 4096,
    seed: int = 0,
) -> tuple[int, Step]:
    """(which chip, the step on it) of the highest sum of chip's and network's score.

    Chips whose sum could not be higher are not gone into. Where no pair meets the limits, the
    least violation seen.
    """
    searches = [
        _Search(Asked(c.table, edge_scores(c.table, scores, per), limits, c.model, most, seed))
        for c in candidates
    ]
    hopes = [c.score + search.hope() for c, search in zip(candidates, searches, strict=True)]
    best: tuple[int, Step] | None = None
    for i in sorted(range(len(candidates)), key=lambda i: -hopes[i]):
        if best and best[1].met and candidates[best[0]].score + best[1].score >= hopes[i]:
            break
        step = searches[i].run()
        if best is None or _key(candidates[i], step) > _key(candidates[best[0]], best[1]):
            best = i, step
    assert best is not None, "no candidates"
    return best


def _key(candidate: Candidate, step: Step) -> tuple[float, float]:
    return -step.violation, candidate.score + step.score


class _Search:
    """One last step."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._aims: dict[tuple[float, ...], Highest] = {}  # by limits: weights take a while

    def hope(self) -> float:
        """No network within the limits scores more, if the observed ratios hold; -inf: none."""
        asked = self._asked
        best = best_path(asked.table, asked.scores, asked.scaled(0.0), per="edge")
        return best.score if best.violation == 0 else -np.inf

    def run(self) -> Step:
        """From loose limits to tight ones, then whatever may still be better."""
        asked = self._asked
        for quantile in _QUANTILES if asked.apart else _QUANTILES[:1]:
            asked.ask(self._reached(asked.scaled(quantile), _BATCH).paths[:_BATCH])
        if not asked.met:
            aim, _ = Question(asked.table, asked.scores, asked.scaled(0.5)).nearest()
            asked.ask(descend(aim, -np.inf, _NEAR, one_best=False).paths, beyond=True)
        certain = self._certify()
        found, path = asked.best
        score = sum(float(s[edge]) for s, edge in zip(asked.scores, path, strict=True))
        genome = asked.table.graph.genomes(path[None])[0]
        return Step(genome, score, found, asked.violation, certain, asked.networks, asked.ratios)

    def _reached(self, limits: Limits, width: int) -> Reached:
        """Paths within the table's limits that score more than the best so far."""
        key = tuple(limits.values())
        if key not in self._aims:
            question = Question(self._asked.table, self._asked.scores, limits)
            self._aims[key], _ = question.highest()
        return descend(self._aims[key], self._asked.floor, width, one_best=False)

    def _certify(self) -> bool:
        """Ask all that may still be better; whether there was room for it."""
        asked = self._asked
        for width in _WIDTHS:
            while True:
                reached = self._reached(asked.scaled(0.0), width)
                better = any(
                    asked.ask(reached.paths[at : at + _BATCH])
                    for at in range(0, len(reached.paths), _BATCH)
                )
                if asked.spent:
                    return False
                if not better:
                    break
            if reached.unseen <= asked.floor:
                return True
        return False
