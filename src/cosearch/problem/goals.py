"""Metrics of a design, goals to improve, limits to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.errors import CosearchError, unknown
from cosearch.units import show

METRICS: Final = ("accuracy", "latency_s", "energy_j", "area_mm2")
QUANTITIES: Final = {"latency_s": "time", "energy_j": "energy", "area_mm2": "area"}  # of `units`

Metrics = Mapping[str, Float[ndarray, " n"]]


@dataclass(frozen=True)
class Goal:
    """A metric to improve; goals are compared in their order, the first decides."""

    metric: str
    maximise: bool = False

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise unknown("goal", self.metric, METRICS)


@dataclass(frozen=True)
class Limit:
    """A metric that must not exceed a positive bound, in SI units (mm2 for area)."""

    metric: str
    at_most: float

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise unknown("limit", self.metric, METRICS)
        if not (np.isfinite(self.at_most) and self.at_most > 0):
            raise CosearchError(
                f"limit on {self.metric} = {self.at_most}: a positive number is needed"
            )


def beside_limits(metrics: Mapping[str, float], limits: Mapping[str, float]) -> str:
    """Each limited metric of a design as people write it: "latency_s 2 ms (limit 1 ms)"."""
    return ", ".join(
        f"{name} {show(metrics[name], QUANTITIES[name], 4)} "
        f"(limit {show(at_most, QUANTITIES[name], 4)})"
        for name, at_most in limits.items()
    )
