"""The file of a roofline device, `kind` "roofline"."""

from __future__ import annotations

import math
from typing import Annotated, Final, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from cosearch.hardware.device_file import DeviceFile
from cosearch.hardware.roofline import Rooflines
from cosearch.units import MIB

Precision = Literal["int8", "fp8", "bf16", "fp16", "fp32"]
OPERAND_BYTES: Final[dict[Precision, int]] = {"int8": 1, "fp8": 1, "bf16": 2, "fp16": 2, "fp32": 4}
Tops = Annotated[float, Field(gt=0, le=1e6)]
Rate = Annotated[float, Field(gt=0, le=1e7)]
Fraction = Annotated[float, Field(gt=0, le=1)]
Tile = Annotated[int, Field(ge=1, le=4096)]
_AGREE: Final = 0.05  # published peaks are rounded


class RooflineFile(DeviceFile):
    """Published figures in people's units; GB and TOPS are decimal, MiB are not.

    What a file leaves out does not limit. Power and area of 0 mean: not published.
    """

    kind: Literal["roofline"] = "roofline"
    precision: Precision
    matrix_tops: dict[Precision, Tops]  # two operations per multiply-accumulate
    matrix_macs_per_cycle: dict[Precision, int] | None = None  # with the clock, a check of the peak
    clock_ghz: float | None = Field(default=None, gt=0, le=20)
    matrix_tile: tuple[Tile, Tile, Tile]  # m rows, n columns, k deep
    vector_tops: Tops
    near_memory_mib: float = Field(gt=0, le=2**20)
    near_gb_per_s: Rate | None = None
    far_memory_mib: float | None = Field(default=None, gt=0, le=2**20)
    far_gb_per_s: Rate | None = None
    dram_gb_per_s: float = Field(gt=0, le=1e5)
    matrix_efficiency: Fraction = 1.0
    matrix_half_gflop: float = Field(default=0.0, ge=0, le=1e3)
    vector_efficiency: Fraction = 1.0
    vector_half_gflop: float = Field(default=0.0, ge=0, le=1e3)
    dram_efficiency: Fraction = 1.0
    dram_half_mb: float = Field(default=0.0, ge=0, le=1e3)
    launch_us: float = Field(default=0.0, ge=0, le=1e6)
    batch: int = Field(default=1, ge=1, le=2**16)
    fuses: bool = True  # false: a framework runs operator by operator, through memory
    tdp_w: float = Field(default=0.0, ge=0, le=1e5)
    area_mm2: float = Field(default=0.0, ge=0, le=1e5)
    node_nm: float | None = Field(default=None, ge=1, le=130)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.precision not in self.matrix_tops:
            known = ", ".join(self.matrix_tops) or "none"
            raise ValueError(f"precision = {self.precision!r}: matrix_tops knows {known}")
        if (self.far_memory_mib is None) != (self.far_gb_per_s is None):
            raise ValueError("far_memory_mib and far_gb_per_s: give both or neither")
        for name in ("near_gb_per_s", "far_gb_per_s"):
            rate = getattr(self, name)
            if rate is not None and rate < self.dram_gb_per_s:
                slower = f"slower than dram_gb_per_s = {self.dram_gb_per_s:g}"
                raise ValueError(f"{name} = {rate:g}: memory on chip may not be {slower}")
        self._peaks_agree()
        return self

    def _peaks_agree(self) -> None:
        if self.matrix_macs_per_cycle is None:
            return
        if self.clock_ghz is None:
            raise ValueError("matrix_macs_per_cycle needs clock_ghz")
        for precision, macs in self.matrix_macs_per_cycle.items():
            stated = self.matrix_tops.get(precision)
            found = 2 * macs * self.clock_ghz / 1e3
            if stated is None or abs(found / stated - 1) > _AGREE:
                product = f"{macs} MACs a cycle at clock_ghz = {self.clock_ghz:g} give {found:.4g}"
                raise ValueError(f"matrix_tops[{precision!r}] = {stated}: but {product} TOPS")

    def columns(self) -> Rooflines:
        """The device as columns of shape (), SI units."""
        tile_m, tile_n, tile_k = self.matrix_tile
        values = Rooflines(
            matrix_macs_per_s=_float(self.matrix_tops[self.precision] * 1e12 / 2),
            vector_macs_per_s=_float(self.vector_tops * 1e12 / 2),
            tile_m=np.array(tile_m),
            tile_n=np.array(tile_n),
            tile_k=np.array(tile_k),
            near_memory_bytes=_float(self.near_memory_mib * MIB),
            near_bytes_per_s=_float((self.near_gb_per_s or math.inf) * 1e9),
            far_memory_bytes=_float((self.far_memory_mib or 0.0) * MIB),
            far_bytes_per_s=_float((self.far_gb_per_s or math.inf) * 1e9),
            dram_bytes_per_s=_float(self.dram_gb_per_s * 1e9),
            matrix_efficiency=_float(self.matrix_efficiency),
            matrix_half_macs=_float(self.matrix_half_gflop * 1e9 / 2),
            vector_efficiency=_float(self.vector_efficiency),
            vector_half_macs=_float(self.vector_half_gflop * 1e9 / 2),
            dram_efficiency=_float(self.dram_efficiency),
            dram_half_bytes=_float(self.dram_half_mb * 1e6),
            launches_per_s=_float(1e6 / self.launch_us if self.launch_us else math.inf),
            batch=np.array(self.batch),
            operand_bytes=np.array(OPERAND_BYTES[self.precision]),
            fuses=np.array(int(self.fuses)),
            watts=_float(self.tdp_w),
            area_mm2=_float(self.area_mm2),
        )
        return values

    @property
    def peak_ops_per_s(self) -> float:
        """The matrix unit's, two operations per multiply-accumulate, at `precision`."""
        return self.matrix_tops[self.precision] * 1e12


def _float(value: float) -> np.ndarray:
    return np.array(value, dtype=np.float64)
