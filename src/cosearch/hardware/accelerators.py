"""`Accelerators`: the edge template's parameters as columns, SI units in the names."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.columns import Columns


@dataclass(frozen=True)
class Accelerators(Columns):
    """The template of Apollo (arXiv 2102.01723) and NAHAS (2102.08619): a 2-D array of PEs.

    Each PE has a memory and some cores; each core a memory and some lanes; each lane multiplies
    `simd_width` operand pairs a cycle and adds them up. Three small memories stage what comes from
    DRAM: instructions, parameters, activations.

    Names follow the Edge TPU study (arXiv 2102.10423): NAHAS calls our lanes "SIMD units", our
    cores "compute lanes", and our core memory "register file".
    """

    pes_x: Int[ndarray, "*b"]
    pes_y: Int[ndarray, "*b"]
    cores: Int[ndarray, "*b"]  # per PE
    lanes: Int[ndarray, "*b"]  # per core
    simd_width: Int[ndarray, "*b"]  # operand pairs per lane and cycle
    core_memory_bytes: Float[ndarray, "*b"]  # per core
    pe_memory_bytes: Float[ndarray, "*b"]  # per PE
    instruction_memory_bytes: Float[ndarray, "*b"]
    parameter_memory_bytes: Float[ndarray, "*b"]
    activation_memory_bytes: Float[ndarray, "*b"]
    dram_bytes_per_s: Float[ndarray, "*b"]
    clock_hz: Float[ndarray, "*b"]
    operand_bytes: Int[ndarray, "*b"]  # 1 for int8, 2 for bf16; sums have 4

    @property
    def pes(self) -> Int[ndarray, "*b"]:
        """Processing elements."""
        return self.pes_x * self.pes_y

    @property
    def macs_per_cycle(self) -> Int[ndarray, "*b"]:
        """Multiply-accumulates a cycle with every lane busy."""
        return self.pes * self.cores * self.lanes * self.simd_width

    @property
    def peak_ops_per_s(self) -> Float[ndarray, "*b"]:
        """Two operations per multiply-accumulate."""
        return 2.0 * self.macs_per_cycle * self.clock_hz
