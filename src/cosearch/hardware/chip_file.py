"""The file of an edge accelerator, `kind` "edge"."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from pydantic import Field

from cosearch.hardware.accelerators import Accelerators
from cosearch.hardware.device_file import DeviceFile
from cosearch.units import KIB

Precision = Literal["int8", "bf16"]
PRECISIONS: Final[dict[Precision, int]] = {"int8": 1, "bf16": 2}


class ChipFile(DeviceFile):
    """What `accelerator.json` holds: the template's parameters in people's units.

    The three small memories default to those of the Edge TPU V1 (arXiv 2102.10423), read as bytes.
    """

    kind: Literal["edge"] = "edge"
    name: str = "accelerator"
    pes_x: int = Field(ge=1, le=1024)
    pes_y: int = Field(ge=1, le=1024)
    cores: int = Field(ge=1, le=1024)
    lanes: int = Field(ge=1, le=4096)
    simd_width: int = Field(default=4, ge=1, le=64)
    core_memory_kib: float = Field(gt=0, le=2**20)
    pe_memory_kib: float = Field(gt=0, le=2**20)
    instruction_memory_kib: float = Field(default=16, gt=0, le=2**20)
    parameter_memory_kib: float = Field(default=16, gt=0, le=2**20)
    activation_memory_kib: float = Field(default=1, gt=0, le=2**20)
    dram_gb_per_s: float = Field(gt=0, le=1e5)
    clock_ghz: float = Field(default=0.8, gt=0, le=20)
    precision: Precision = "int8"
    node_nm: float = Field(default=22, ge=7, le=65)

    def columns(self) -> Accelerators:
        """The chip as columns of shape (), SI units."""
        whole = (self.pes_x, self.pes_y, self.cores, self.lanes, self.simd_width)
        memories = (
            self.core_memory_kib,
            self.pe_memory_kib,
            self.instruction_memory_kib,
            self.parameter_memory_kib,
            self.activation_memory_kib,
        )
        rates = (self.dram_gb_per_s * 1e9, self.clock_ghz * 1e9)
        columns = [
            *(np.array(value, dtype=np.int64) for value in whole),
            *(np.array(kib * KIB, dtype=np.float64) for kib in memories),
            *(np.array(rate, dtype=np.float64) for rate in rates),
            np.array(PRECISIONS[self.precision]),
        ]
        return Accelerators(*columns)

    @property
    def peak_ops_per_s(self) -> float:
        """Two operations per multiply-accumulate."""
        return float(self.columns().peak_ops_per_s)


def describe(chips: Accelerators, name: str) -> ChipFile:
    """The file of one chip, inverse of `ChipFile.columns`."""
    sizes = {bytes_: precision for precision, bytes_ in PRECISIONS.items()}
    return ChipFile(
        name=name,
        pes_x=int(chips.pes_x),
        pes_y=int(chips.pes_y),
        cores=int(chips.cores),
        lanes=int(chips.lanes),
        simd_width=int(chips.simd_width),
        core_memory_kib=float(chips.core_memory_bytes) / KIB,
        pe_memory_kib=float(chips.pe_memory_bytes) / KIB,
        instruction_memory_kib=float(chips.instruction_memory_bytes) / KIB,
        parameter_memory_kib=float(chips.parameter_memory_bytes) / KIB,
        activation_memory_kib=float(chips.activation_memory_bytes) / KIB,
        dram_gb_per_s=float(chips.dram_bytes_per_s) / 1e9,
        clock_ghz=float(chips.clock_hz) / 1e9,
        precision=sizes[int(chips.operand_bytes)],
    )
