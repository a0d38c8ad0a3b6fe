"""`Trials`: evaluated designs as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search import ranks


@dataclass(frozen=True)
class Trials:
    """Designs in the order they were evaluated."""

    genomes: Int[ndarray, "n d"]
    metrics: Mapping[str, Float[ndarray, " n"]]
    losses: Float[ndarray, "n m"]
    violations: Float[ndarray, " n"]

    def __len__(self) -> int:
        return len(self.genomes)

    @property
    def feasible(self) -> ndarray:
        """Mask of the trials that meet all limits."""
        return self.violations <= 0

    def best(self) -> int:
        """Index of the best trial: least violation, then the goals; the earliest of equals."""
        return int(np.argmin(ranks(self.losses, self.violations)))

    def top(self, n: int) -> Int[ndarray, "k d"]:
        """The `n` best distinct genomes, or as many as there are, best first."""
        order = np.argsort(ranks(self.losses, self.violations), kind="stable")
        _, first = np.unique(self.genomes[order], axis=0, return_index=True)
        return self.genomes[order][np.sort(first)[:n]]

    def metric_at(self, index: int) -> dict[str, float]:
        """Metrics of one trial."""
        return {name: float(column[index]) for name, column in self.metrics.items()}


def to_record(index: int, genome: ndarray, metrics: dict[str, float], violation: float) -> Any:
    """One trial as plain JSON data; null stands for not finite."""
    return {
        "trial": index,
        "genome": genome.tolist(),
        "metrics": {name: _finite(value) for name, value in metrics.items()},
        "violation": _finite(violation),
    }


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
