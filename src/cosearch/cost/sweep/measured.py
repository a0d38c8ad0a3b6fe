"""What is known of a tile's designs once they are evaluated, in numpy or in torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from cosearch.cost.sweep.figures import Figures
from cosearch.cost.sweep.goal import FRONTS, OBJECTIVES, Goal


@dataclass(frozen=True)
class Measured:
    """Arrays (T, F) of all designs of a tile, and the areas of its two sides."""

    first: Any  # (T,) int64: the design index of each row's first column
    loss: Any  # the objective
    latency: Any  # seconds; of several workloads, the aggregate of the ratios; for the front
    energy: Any  # likewise in joules; where no front needs it, the latency again
    slowest: Any  # the longest latency of a workload, seconds
    highest: Any  # the highest energy of a workload, joules
    on_area: Any  # (T,) mm2
    off_area: Any  # (F,) mm2


@dataclass(frozen=True)
class Reading:
    """Turns latencies and energies per workload into `Measured`; `xp` is numpy or torch."""

    goal: Goal
    reference: Figures | None  # one chip on the same workloads; needed for several
    xp: Any = np

    def __call__(
        self, first: Any, latency: Sequence[Any], energy: Sequence[Any], areas: tuple[Any, Any]
    ) -> Measured:
        """Arrays (T, F) per workload; no `energy` if nobody asks for it."""
        slowest = reduce(self.xp.maximum, latency)
        highest = reduce(self.xp.maximum, energy) if energy else slowest
        energy = energy or latency
        wanted = {self.goal.objective, *FRONTS[self.goal.front]} - {"area"}
        known = {name: self._together(name, latency, energy) for name in sorted(wanted)}
        if self.goal.objective == "area":
            known["area"] = areas[0][:, None] + areas[1]
        fast = known.get("latency", slowest)
        return Measured(
            first=first,
            loss=known[self.goal.objective],
            latency=fast,
            energy=known.get("energy", fast),
            slowest=slowest,
            highest=highest,
            on_area=areas[0],
            off_area=areas[1],
        )

    def _together(self, objective: str, latency: Sequence[Any], energy: Sequence[Any]) -> Any:
        """One workload's own figure; the aggregate of several."""
        figure = OBJECTIVES[objective]
        if len(latency) == 1:
            return figure(latency[0], energy[0])
        assert self.reference is not None
        units = zip(self.reference.latency_s[0], self.reference.energy_j[0], strict=True)
        pairs = zip(latency, energy, units, strict=True)
        ratios = [figure(time, joules) / float(figure(*unit)) for time, joules, unit in pairs]
        return self.goal.aggregate.loss(ratios, self.xp)
