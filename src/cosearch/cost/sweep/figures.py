"""Exact figures of chosen designs, from the same tables and in the same order of additions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.sweep.interface import SweepTables


@dataclass(frozen=True)
class Figures:
    """Designs (n,) on W workloads; inf = cannot run."""

    design: Int[ndarray, " n"]
    area_mm2: Float[ndarray, " n"]
    latency_s: Float[ndarray, "n w"]
    energy_j: Float[ndarray, "n w"]

    def __len__(self) -> int:
        return len(self.design)


def figures(workloads: Sequence[SweepTables], design: Int[ndarray, " n"]) -> Figures:
    """Latency, energy and area of each design index."""
    design = np.asarray(design, dtype=np.int64)
    tables = workloads[0]
    on, off = np.divmod(design, tables.sizes[1])
    pairs = [_latency_and_energy(each, on, off) for each in workloads]
    return Figures(
        design=design,
        area_mm2=tables.on_area_mm2[on] + tables.off_area_mm2[off],
        latency_s=np.stack([latency for latency, _ in pairs], axis=1),
        energy_j=np.stack([energy for _, energy in pairs], axis=1),
    )


def _latency_and_energy(
    tables: SweepTables, on: Int[ndarray, " n"], off: Int[ndarray, " n"]
) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
    row, memory = tables.row[on], tables.memory[on]
    latency = np.zeros(len(on))
    for i, count in enumerate(tables.count):
        latency += np.maximum(tables.on_s[row, i] * count, tables.off_s[memory, i, off] * count)
    leakage = tables.on_leakage_w[on] + tables.off_leakage_w[off]
    still = np.where(np.isfinite(latency), latency, 0.0)
    energy = tables.on_energy_j[on] + tables.off_energy_j[memory, off] + leakage * still
    return latency, np.where(np.isfinite(latency), energy, np.inf)
