"""Records held against the optima: regret, trials to a share of the optimum, failures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from experiments.apollo import optima
from experiments.apollo.records import RESULTS, Records
from experiments.apollo.run import Record
from experiments.apollo.workloads import WORKLOADS

Place = tuple[str, float]  # workload, area in mm2
SOURCES: Final = ("none", "area", "workload")  # of trials known beforehand


@dataclass(frozen=True)
class Results:
    """Some of the runs, sorted, and all optima."""

    records: tuple[Record, ...]
    optima: optima.Optima

    @classmethod
    def load(cls, folder: Path = RESULTS) -> Results:
        """All runs on record whose optimum is known."""
        known, records = optima.load(folder), Records(folder).load()
        return cls(tuple(r for run, r in sorted(records.items()) if _place(r) in known), known)

    def where(
        self,
        telling: str,
        *,
        areas: Iterable[float],
        source: str = "none",
        workloads: Iterable[str] = tuple(WORKLOADS),
        strategies: Iterable[str] | None = None,
    ) -> Results:
        """Runs of that telling, those places, strategies, and kind of source."""
        places = {(workload, area) for workload in workloads for area in areas}
        names = None if strategies is None else set(strategies)
        kept = (
            record
            for record in self.records
            if record.run.telling == telling
            and _source(record) == source
            and _place(record) in places
            and (names is None or record.run.strategy in names)
        )
        return Results(tuple(kept), self.optima)

    def at(self, place: Place) -> Results:
        """Of one place."""
        return Results(tuple(r for r in self.records if _place(r) == place), self.optima)

    def by(self, strategy: str) -> Results:
        """Of one strategy."""
        return Results(tuple(r for r in self.records if r.run.strategy == strategy), self.optima)

    @property
    def strategies(self) -> list[str]:
        """That have runs here, sorted."""
        return sorted({record.run.strategy for record in self.records})

    @property
    def places(self) -> list[Place]:
        """That have runs here."""
        return sorted({_place(record) for record in self.records})

    def regrets(self, trials: int, *, shorter: bool = False) -> Float[ndarray, " runs"]:
        """Best so far over the optimum, less 1; inf before anything is feasible.

        Of runs that are long enough; with `shorter` the others count by their last trial, which
        says what they would have at most.
        """
        found = [
            (r.best_us(min(trials, r.run.trials) if shorter else trials), self._optimum(r))
            for r in self.records
        ]
        regrets = [max(us / least - 1, 0) for us, least in found if not np.isnan(us)]
        return np.array(regrets)

    def trials_to(self, regret: float) -> Float[ndarray, " runs"]:
        """Trials until the regret is that small, inf if it never was."""
        return np.array([r.trials_to((1 + regret) * self._optimum(r)) for r in self.records])

    def never_feasible(self) -> float:
        """The share of runs that found nothing feasible; NaN of no runs."""
        failed = sum(not record.improvements for record in self.records)
        return failed / len(self.records) if self.records else float("nan")

    def latencies(self, trials: int) -> dict[tuple[Place, int], float]:
        """Best so far by place and seed, of the runs that are long enough."""
        found = {(_place(r), r.run.seed): r.best_us(trials) for r in self.records}
        return {key: us for key, us in found.items() if not np.isnan(us)}

    def seconds(self, mark: int) -> Float[ndarray, " runs"]:
        """Of asking and telling, until that many trials."""
        return np.array([r.seconds[mark] for r in self.records if mark in r.seconds])

    def _optimum(self, record: Record) -> float:
        return self.optima[_place(record)].optimum_us


def middle(values: Sequence[float] | Float[ndarray, " n"]) -> float:
    """The median, the upper of two middle ones so that inf is never averaged; NaN of nothing."""
    ordered = np.sort(np.asarray(values, dtype=float))
    return float(ordered[len(ordered) // 2]) if len(ordered) else float("nan")


def _place(record: Record) -> Place:
    return record.run.workload, record.run.area_mm2


def _source(record: Record) -> str:
    source = record.run.source
    if not source:
        return "none"
    return "workload" if source in WORKLOADS else "area"
