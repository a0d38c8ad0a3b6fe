"""The accelerator space of NAHAS (arXiv 2102.08619, section 3): 50,000 designs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.families.edge_chips import NAHAS_BASELINE, edge_chips
from cosearch.hardware import Accelerators
from cosearch.space import Choice, Knob, Space
from cosearch.units import KIB, MIB

# Two sources disagree on the core memory (its "register file"): 8, 16, 32, 64, 128 KB or 8, 16, 32,
# 48, 64 KB; ours is the first. MB and KB are read as powers of two.
_KNOBS: Final = (
    Knob("pes_x", (1, 2, 4, 6, 8)),
    Knob("pes_y", (1, 2, 4, 6, 8)),
    Knob("lanes", (16, 32, 64, 128)),
    Knob("cores", (1, 2, 4, 8)),
    Knob("pe_memory_mib", (0.5, 1, 2, 3, 4)),
    Knob("core_memory_kib", (8, 16, 32, 64, 128)),
    Knob("dram_gb_per_s", (5, 10, 15, 20, 25)),
)


@dataclass(frozen=True)
class NahasChipFamily:
    """Seven knobs of the edge template; 0.8 GHz, 4-wide lanes, staging memories of Edge TPU V1.

    Our lanes are the paper's "SIMD units", our cores its "compute lanes".
    """

    name: str = "nahas-chip"

    @property
    def source(self) -> str:
        """Where the space was published."""
        return "arXiv 2102.08619, section 3"

    @cached_property
    def space(self) -> Space:
        """Seven ungated knobs."""
        return Space(_KNOBS)

    @property
    def off_chip_knobs(self) -> int:
        """How many of the last knobs decide what happens outside the PEs: the bandwidth."""
        return 1

    @property
    def references(self) -> Mapping[str, Mapping[str, Choice]]:
        """The industry baseline NAHAS compares with."""
        return {"nahas-baseline": NAHAS_BASELINE}

    def locate(self, chip: Accelerators) -> Int[ndarray, " d"] | None:
        """The genome of a chip, shape (); None if it is not of this family."""
        values = {
            "pes_x": int(chip.pes_x),
            "pes_y": int(chip.pes_y),
            "lanes": int(chip.lanes),
            "cores": int(chip.cores),
            "pe_memory_mib": float(chip.pe_memory_bytes) / MIB,
            "core_memory_kib": float(chip.core_memory_bytes) / KIB,
            "dram_gb_per_s": float(chip.dram_bytes_per_s) / 1e9,
        }
        if any(values[knob.name] not in knob.choices for knob in _KNOBS):
            return None
        genome = np.array([knob.choices.index(values[knob.name]) for knob in _KNOBS])
        same = np.array_equal(self.decode(genome[None])[0].table(), chip.table())
        return genome if same else None

    def decode(self, genomes: Int[ndarray, "n d"]) -> Accelerators:
        """Chips (n,) of many genomes."""
        return edge_chips(self.space, genomes)
