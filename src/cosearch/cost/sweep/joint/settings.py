"""Off-chip settings worth a visit: no other is as fast in everything and no larger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cosearch.cost.area import off_chip_area_mm2
from cosearch.cost.edge.staging import instruction_bytes, rates
from cosearch.cost.energy import off_leakage_w, staging_j_per_byte
from cosearch.hardware import Accelerators
from cosearch.hardware.technology import Technology


@dataclass(frozen=True)
class Settings:
    """F off-chip settings, by rising area."""

    chips: Accelerators  # (F,)
    number: Int[ndarray, " f"]  # among all settings of the family
    area_mm2: Float[ndarray, " f"]
    program_bytes: Float[ndarray, "depth f"]  # each layer's, by the layers of the network

    @classmethod
    def worthwhile(
        cls, chips: Accelerators, tech: Technology, deepest: int, *, frugal: bool
    ) -> Self:
        """Of all settings, those that none beats; `frugal` where energy counts as well."""
        area, depths = off_chip_area_mm2(chips, tech), range(1, deepest + 1)
        program = np.stack(
            [instruction_bytes(np.ones((1, n)), chips[:, None])[:, 0] for n in depths]
        )
        columns = [*(-rate for rate in rates(chips)), *(program / chips.dram_bytes_per_s), area]
        if frugal:  # what is streamed how depends on the rates: only their equals compare
            columns += [*rates(chips), *program, off_leakage_w(chips, tech)]
            columns += [staging_j_per_byte(chips, tech)]
        kept = np.flatnonzero(~_beaten(np.stack(np.broadcast_arrays(*columns), axis=1)))
        kept = kept[np.argsort(area[kept], kind="stable")]
        return cls(chips[kept], kept, area[kept], program[:, kept])

    def program_s(self, depth: int) -> Float[ndarray, " f"]:
        """Seconds that each layer of a network so deep waits for its program."""
        return np.asarray(self.program_bytes[depth - 1] / self.chips.dram_bytes_per_s)


def _beaten(columns: Float[ndarray, "f c"]) -> Bool[ndarray, " f"]:
    """Rows that another is nowhere above, and somewhere below; of equal rows, the later ones."""
    order = np.lexsort(columns.T[::-1])  # who beats a row stands before it
    out = np.zeros(len(columns), dtype=bool)
    kept: list[int] = []
    for row in order:
        out[row] = bool((columns[kept] <= columns[row]).all(axis=1).any())
        if not out[row]:
            kept.append(row)
    return out
