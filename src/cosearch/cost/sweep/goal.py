"""What a sweep is asked for: an objective, budgets, and how several workloads count together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

import numpy as np

from cosearch.errors import CosearchError, unknown


@dataclass(frozen=True)
class Aggregate:
    """One figure for several workloads, from the ratio of each to the reference chip's.

    `loss` takes the ratios, one array per workload, and numpy or torch; it must not fall when a
    ratio grows, and is inf where one is. `gain` turns a loss of so many workloads into a speed-up.
    """

    summary: str
    loss: Callable[[Sequence[Any], Any], Any]
    gain: Callable[[Any, int], Any]


def _product(ratios: Sequence[Any], xp: Any) -> Any:
    return reduce(lambda total, ratio: total * ratio, ratios)


def _largest(ratios: Sequence[Any], xp: Any) -> Any:
    return reduce(xp.maximum, ratios)


def _harmonic_mean(ratios: Sequence[Any], xp: Any) -> Any:
    speed_up = reduce(lambda total, ratio: total + 1.0 / ratio, ratios[1:], 1.0 / ratios[0])
    with np.errstate(divide="ignore"):  # what runs nothing has no speed-up at all
        mean = len(ratios) / speed_up
    return xp.where(_largest(ratios, xp) < np.inf, mean, np.inf)


# The product orders designs as its root does, which would have to be drawn for every design.
AGGREGATES: Final[Mapping[str, Aggregate]] = {
    "geomean": Aggregate("geometric mean of the speed-ups", _product, lambda x, n: x ** (-1 / n)),
    "mean": Aggregate("mean of the speed-ups", _harmonic_mean, lambda x, n: 1 / x),
    "worst": Aggregate("least of the speed-ups", _largest, lambda x, n: 1 / x),
}

# Of one workload, from latency and energy; area, which no workload changes, is none of them.
OBJECTIVES: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "latency": lambda latency, energy: latency,
    "energy": lambda latency, energy: energy,
    "edp": lambda latency, energy: latency * energy,
}

# Objectives of a front, besides the area.
FRONTS: Final[Mapping[int, tuple[str, ...]]] = {0: (), 2: ("latency",), 3: ("latency", "energy")}


@dataclass(frozen=True)
class Budget:
    """Upper limits; those on latency and energy hold for every workload by itself."""

    area_mm2: float = np.inf
    latency_s: float = np.inf
    energy_j: float = np.inf

    def __post_init__(self) -> None:
        for name, limit in vars(self).items():
            if not limit > 0:
                raise CosearchError(f"limit on {name} = {limit}: a positive number is needed")

    @property
    def limits(self) -> tuple[float, float, float]:
        """On latency, energy, area; finite for the first two, which inf must not meet."""
        most = float(np.finfo(np.float64).max)
        return min(self.latency_s, most), min(self.energy_j, most), float(self.area_mm2)


@dataclass(frozen=True)
class Goal:
    """`front`: its objectives, latency and area (2), with energy (3), or none (0)."""

    objective: str = "latency"
    budgets: tuple[Budget, ...] = (Budget(),)
    top: int = 10
    front: int = 0
    aggregate: Aggregate = AGGREGATES["geomean"]

    def __post_init__(self) -> None:
        if self.objective not in (*OBJECTIVES, "area"):
            raise unknown("objective", self.objective, (*OBJECTIVES, "area"))
        if self.front not in FRONTS:
            raise CosearchError(f"front = {self.front}: 0, 2 or 3 objectives are allowed")
        if self.top < 1 or not self.budgets:
            raise CosearchError(
                f"top = {self.top}, {len(self.budgets)} budgets: at least 1 of each"
            )

    @property
    def needs_energy(self) -> bool:
        """Whether anything asked for depends on energy."""
        limited = any(np.isfinite(budget.energy_j) for budget in self.budgets)
        return limited or self.objective in ("energy", "edp") or self.front == 3
