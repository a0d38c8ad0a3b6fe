"""`RowStationaryArrays`: an Eyeriss-like array of PEs, its columns and its device file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from pydantic import Field

from cosearch.columns import Columns
from cosearch.hardware.device_file import DeviceFile
from cosearch.units import KIB


@dataclass(frozen=True)
class RowStationaryArrays(Columns):
    """Row-stationary accelerators (Chen et al., ISCA 2016 and JSSC 2017), one MAC per PE.

    Every PE has three scratch pads; the array shares one banked buffer, where input rows and
    partial sums live, and a small one, where the next pass's filters wait.
    """

    pes_y: Int[ndarray, "*b"]
    pes_x: Int[ndarray, "*b"]
    ifmap_pad_words: Int[ndarray, "*b"]  # per PE
    filter_pad_words: Int[ndarray, "*b"]
    psum_pad_words: Int[ndarray, "*b"]
    buffer_bytes: Float[ndarray, "*b"]  # for input rows and partial sums, which share no bank
    bank_bytes: Float[ndarray, "*b"]
    filter_buffer_bytes: Float[ndarray, "*b"]
    ifmap_words_per_cycle: Int[ndarray, "*b"]  # from the buffer into the array
    filter_words_per_cycle: Int[ndarray, "*b"]
    psum_words_per_cycle: Int[ndarray, "*b"]  # each way
    word_bytes: Int[ndarray, "*b"]
    dram_bytes_per_s: Float[ndarray, "*b"]
    clock_hz: Float[ndarray, "*b"]
    mac_j: Float[ndarray, "*b"]  # energies per MAC or word
    pad_j: Float[ndarray, "*b"]
    hop_j: Float[ndarray, "*b"]  # into a PE, or from PE to PE
    buffer_j: Float[ndarray, "*b"]
    dram_j: Float[ndarray, "*b"]
    static_w: Float[ndarray, "*b"]
    pe_mm2: Float[ndarray, "*b"]  # with its scratch pads
    sram_mm2_per_byte: Float[ndarray, "*b"]
    batch: Int[ndarray, "*b"]  # images worked on together

    @property
    def macs_per_cycle(self) -> Int[ndarray, "*b"]:
        """One multiply-accumulate per PE."""
        return self.pes_y * self.pes_x

    @property
    def peak_ops_per_s(self) -> Float[ndarray, "*b"]:
        """Two operations per multiply-accumulate."""
        return 2.0 * self.macs_per_cycle * self.clock_hz

    @property
    def area_mm2(self) -> Float[ndarray, "*b"]:
        """PEs and buffers; no wires, control or pads."""
        buffers = self.buffer_bytes + self.filter_buffer_bytes
        return np.asarray(self.macs_per_cycle * self.pe_mm2 + buffers * self.sram_mm2_per_byte)


class RowStationaryFile(DeviceFile):
    """The file of a row-stationary array, `kind` "row-stationary"."""

    kind: Literal["row-stationary"] = "row-stationary"
    pes_y: int = Field(ge=1, le=1024)
    pes_x: int = Field(ge=1, le=1024)
    ifmap_pad_words: int = Field(ge=1, le=2**20)
    filter_pad_words: int = Field(ge=1, le=2**20)
    psum_pad_words: int = Field(ge=1, le=2**20)
    buffer_kib: float = Field(gt=0, le=2**20)
    bank_kib: float = Field(default=4, gt=0, le=2**20)
    filter_buffer_kib: float = Field(default=8, gt=0, le=2**20)
    ifmap_words_per_cycle: int = Field(default=1, ge=1, le=4096)
    filter_words_per_cycle: int = Field(default=4, ge=1, le=4096)
    psum_words_per_cycle: int = Field(default=4, ge=1, le=4096)
    word_bytes: int = Field(default=2, ge=1, le=4)
    dram_gb_per_s: float = Field(gt=0, le=1e5)
    clock_ghz: float = Field(gt=0, le=20)
    mac_pj: float = Field(ge=0, le=1e6)
    pad_pj: float = Field(ge=0, le=1e6)
    hop_pj: float = Field(ge=0, le=1e6)
    buffer_pj: float = Field(ge=0, le=1e6)
    dram_pj: float = Field(ge=0, le=1e6)
    static_mw: float = Field(default=0, ge=0, le=1e6)
    pe_um2: float = Field(gt=0, le=1e9)
    sram_um2_per_byte: float = Field(gt=0, le=1e6)
    batch: int = Field(default=1, ge=1, le=4096)

    def columns(self) -> RowStationaryArrays:
        """The array as columns of shape (), SI units."""
        units = {
            "buffer_bytes": self.buffer_kib * KIB,
            "bank_bytes": self.bank_kib * KIB,
            "filter_buffer_bytes": self.filter_buffer_kib * KIB,
            "dram_bytes_per_s": self.dram_gb_per_s * 1e9,
            "clock_hz": self.clock_ghz * 1e9,
            "mac_j": self.mac_pj * 1e-12,
            "pad_j": self.pad_pj * 1e-12,
            "hop_j": self.hop_pj * 1e-12,
            "buffer_j": self.buffer_pj * 1e-12,
            "dram_j": self.dram_pj * 1e-12,
            "static_w": self.static_mw * 1e-3,
            "pe_mm2": self.pe_um2 * 1e-6,
            "sram_mm2_per_byte": self.sram_um2_per_byte * 1e-6,
        }
        names = RowStationaryArrays.__dataclass_fields__
        return RowStationaryArrays(
            **{name: np.array(units.get(name, getattr(self, name, None))) for name in names}
        )

    @property
    def peak_ops_per_s(self) -> float:
        """Two operations per multiply-accumulate."""
        return 2e9 * self.pes_y * self.pes_x * self.clock_ghz
