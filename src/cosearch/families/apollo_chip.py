"""The accelerator space of Apollo (arXiv 2102.01723): 452,760,000 designs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from jaxtyping import Int
from numpy import ndarray

from cosearch.families.edge_chips import NAHAS_BASELINE, STAGING_V1, edge_chips
from cosearch.hardware import Accelerators
from cosearch.space import Choice, Knob, Space

# The values are those of PRIME's notebook (google-research, prime/prime_colab.ipynb), which calls
# the parameters param_1 to param_10. Their names are inferred: the counts are Apollo's, and all
# values of the Edge TPU V1 but its DRAM bandwidth are among them. param_3 is our lanes and param_4
# our cores, as in the Edge TPU study; the peak does not depend on which is which.
# The knobs of the off-chip side come last: see `cosearch.cost.sweep.factors`.
_KNOBS: Final = (
    Knob("pes_x", (1, 2, 4, 6, 8, 10, 12, 14, 16, 32)),  # param_1
    Knob("pes_y", (1, 2, 4, 6, 8, 10, 12, 14, 16, 32)),  # param_2
    Knob("pe_memory_mib", (0.25, 0.5, 1, 2, 4, 8, 16)),  # param_5
    Knob("cores", (1, 2, 4, 6, 8, 10, 12, 14, 16, 32)),  # param_4
    Knob("core_memory_kib", (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)),  # param_6
    Knob("lanes", (4, 8, 16, 32, 64, 128, 256)),  # param_3
    Knob("instruction_memory_bytes", (8192, 16384, 32768, 65536)),  # param_8
    Knob("parameter_memory_bytes", (2048, 4096, 8192, 16384, 32768)),  # param_9
    Knob("activation_memory_bytes", (256, 512, 1024, 2048, 4096, 8192, 16384)),  # param_7
    Knob("dram_gb_per_s", (5, 10, 16, 20, 25, 30)),  # param_10
)


@dataclass(frozen=True)
class ApolloChipFamily:
    """All ten knobs of the edge template; 0.8 GHz, 4-wide lanes, int8.

    Instruction, parameter and activation memories are read as bytes (their unit is not published).
    On chip: PEs, cores, lanes and their memories, 539,000 combinations. Off chip: the three
    small memories and the DRAM bandwidth, 840.
    """

    name: str = "apollo-chip"

    @property
    def source(self) -> str:
        """Where the space was published."""
        return "arXiv 2102.01723; values from google-research, prime/prime_colab.ipynb"

    @cached_property
    def space(self) -> Space:
        """Ten ungated knobs."""
        return Space(_KNOBS)

    @property
    def off_chip_knobs(self) -> int:
        """How many of the last knobs decide what happens outside the PEs."""
        return 4

    @property
    def references(self) -> Mapping[str, Mapping[str, Choice]]:
        """NAHAS's baseline, which this space holds, and its nearest point to the Edge TPU V1.

        None of the three Edge TPUs is in the space itself, for bandwidth (V1), PE memory (V2) or
        clock and bandwidth (V2, V3): they are devices, `cosearch list devices`.
        """
        baseline = {**NAHAS_BASELINE, **STAGING_V1}
        return {"nahas-baseline": baseline, "near-edge-tpu-v1": {**baseline, "dram_gb_per_s": 16}}

    def decode(self, genomes: Int[ndarray, "n d"]) -> Accelerators:
        """Chips (n,) of many genomes."""
        return edge_chips(self.space, genomes)
