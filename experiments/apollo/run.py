"""One run: which problem, told how, searched by whom. One record: what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from experiments.apollo.workloads import WORKLOADS

ALL: Final = "all"  # the workload that is all seven at once
BATCH: Final = 16
MARKS: Final = (64, 256, 512, 1024, 4096)  # trials after which figures are reported


@dataclass(frozen=True, order=True)
class Run:
    """Equal but for `trials`, two runs are the same, one of them longer.

    `workload` is M1 to M7, `all`, or a network's name. `source`, if any, is where trials come from
    beforehand: another area in mm2 of the same workload, or another workload at the same area.
    """

    workload: str
    area_mm2: float
    telling: str
    source: str
    strategy: str
    seed: int
    trials: int = field(compare=False)

    @property
    def experiment(self) -> str:
        """Which file it is kept in."""
        if self.source:
            return "transfer"
        return "multi" if self.workload == ALL else "single"


@dataclass(frozen=True)
class Record:
    """The best feasible latency so far, where it improved, and what asking and telling cost."""

    run: Run
    code: str  # the fingerprint of what ran
    improvements: tuple[tuple[int, float], ...]  # (trials done, latency in microseconds)
    seconds: dict[int, float] = field(default_factory=dict)  # of one core, until each mark

    def best_us(self, trials: int) -> float:
        """After so many trials: inf if nothing feasible was found, NaN if the run was shorter."""
        if trials > self.run.trials:
            return float("nan")
        return min((us for at, us in self.improvements if at <= trials), default=float("inf"))

    def trials_to(self, least_us: float) -> float:
        """Trials until a latency of at most that was found, inf if it never was."""
        return min((at for at, us in self.improvements if us <= least_us), default=float("inf"))


def networks(workload: str) -> tuple[str, ...]:
    """The networks of a workload."""
    return tuple(WORKLOADS.values()) if workload == ALL else (WORKLOADS.get(workload, workload),)


def rounded_us(latency_s: float) -> float:
    """As it is kept: seven digits tell any two latencies apart that matter."""
    return float(f"{latency_s * 1e6:.7g}") if np.isfinite(latency_s) else float("inf")
