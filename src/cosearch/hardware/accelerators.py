"""`Accelerators`: chip parameters as columns, SI units in the names."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.columns import Columns


@dataclass(frozen=True)
class Accelerators(Columns):
    """The template of NAHAS (arXiv 2102.08619): a 2-D array of processing elements.

    Each PE has a memory and some lanes; each lane a register file and SIMD units; each unit a dot
    product of `dot_width` operand pairs a cycle. int8 operands, 32-bit accumulation.
    """

    pes_x: Int[ndarray, "*b"]
    pes_y: Int[ndarray, "*b"]
    lanes: Int[ndarray, "*b"]  # per PE
    simd_units: Int[ndarray, "*b"]  # per lane
    dot_width: Int[ndarray, "*b"]  # operand pairs per unit and cycle
    register_file_bytes: Float[ndarray, "*b"]  # per lane
    pe_memory_bytes: Float[ndarray, "*b"]  # per PE
    dram_bytes_per_s: Float[ndarray, "*b"]
    clock_hz: Float[ndarray, "*b"]

    @property
    def pes(self) -> Int[ndarray, "*b"]:
        """Processing elements."""
        return self.pes_x * self.pes_y

    @property
    def macs_per_cycle(self) -> Int[ndarray, "*b"]:
        """Multiply-accumulates a cycle with every unit busy."""
        return self.pes * self.lanes * self.simd_units * self.dot_width

    @property
    def peak_ops_per_s(self) -> Float[ndarray, "*b"]:
        """Two operations per multiply-accumulate."""
        return 2.0 * self.macs_per_cycle * self.clock_hz
