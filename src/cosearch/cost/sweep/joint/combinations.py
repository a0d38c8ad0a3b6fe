"""On-chip combinations within an area, and what they make of every layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.area import on_chip_area_mm2
from cosearch.cost.energy import on_chip_energy_j, on_leakage_w
from cosearch.cost.sweep.joint.networks import NetworkList
from cosearch.cost.sweep.tables import mapped, mapper_rows, memory_classes
from cosearch.hardware import Accelerators
from cosearch.hardware.technology import Technology
from cosearch.progress import Progress

_NEVER_S = 1e30  # in a sum that bounds a latency from below, where inf times 0 would be NaN


@dataclass(frozen=True)
class Combinations:
    """O on-chip combinations. Those that differ in which PE axis is which count once."""

    number: Int[ndarray, " o"]  # among all combinations of the family, the first of its likes
    chips: Accelerators  # (O,)
    area_mm2: Float[ndarray, " o"]
    memory: Int[ndarray, " o"]  # class of the total PE memory
    classes: Accelerators  # (M,): a chip of each class
    layer_s: Float[ndarray, "o u"]  # of each distinct layer, all its repeats
    read_bytes: Float[ndarray, "o u"]  # 0 where it cannot run
    written_bytes: Float[ndarray, "o u"]

    @classmethod
    def within(
        cls,
        most_mm2: float,
        chips: Accelerators,
        networks: NetworkList,
        tech: Technology,
        workers: int,
        progress: Progress,
    ) -> Self:
        """Those of all on-chip combinations `chips` that are no larger."""
        area = on_chip_area_mm2(chips, tech)
        number = np.flatnonzero(area <= most_mm2)
        memory, _ = memory_classes(chips[number])
        _, row = mapper_rows(chips[number])
        _, first = np.unique(row.astype(np.int64) * (len(row) + 1) + memory, return_index=True)
        number = number[np.sort(first)]
        kept = chips[number]
        memory, classes = memory_classes(kept)
        rows, row = mapper_rows(kept)
        layers = networks.layers
        cycles, read, written = mapped(layers, networks.fused, rows, workers, progress)
        return cls(
            number,
            kept,
            area[number],
            memory,
            classes,
            (cycles * layers.repeat / rows.clock_hz[:, None])[row],
            np.where(np.isfinite(read), read * layers.repeat, 0.0)[row],
            np.where(np.isfinite(written), written * layers.repeat, 0.0)[row],
        )

    def __len__(self) -> int:
        return len(self.number)

    def least_s(self, counts: Float[ndarray, "n u"]) -> Float[ndarray, "n o"]:
        """Latency of networks that never waited for DRAM, by how often each layer occurs."""
        return counts @ np.where(np.isfinite(self.layer_s), self.layer_s, _NEVER_S).T

    def energy_j(
        self, counts: Float[ndarray, " u"], macs: float, tech: Technology
    ) -> Float[ndarray, " o"]:
        """Dynamic energy of one network on the chip's own side."""
        return on_chip_energy_j(
            self.chips,
            tech,
            macs=np.array(macs),
            core_bytes=macs * self.chips.operand_bytes,
            read_bytes=self.read_bytes @ counts,
            written_bytes=self.written_bytes @ counts,
        )

    def leakage_w(self, tech: Technology) -> Float[ndarray, " o"]:
        """Static power of the chip's own side."""
        return on_leakage_w(self.chips, tech)
