"""`Dpus` as columns: processors of engines driven by a compiler's instructions; their file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from pydantic import Field

from cosearch.columns import Columns
from cosearch.hardware.device_file import DeviceFile
from cosearch.units import KIB

LARGE_POOL_TAPS: Final = 1024


@dataclass(frozen=True)
class Dpus(Columns):
    """AMD's DPUCZDX8G (PG338) and DPUCVDX8G (PG389), int8.

    A core has a convolution engine and, for depthwise convolutions, pools and elementwise work, an
    ALU; both take several pixels and channels a cycle. A DPUCVDX8G has them once per image of its
    batch; the weights are shared. `cores` run passes of their own, and share the DRAM.
    """

    conv_pixels: Int[ndarray, "*b"]
    conv_inputs: Int[ndarray, "*b"]
    conv_outputs: Int[ndarray, "*b"]
    conv_clock_hz: Float[ndarray, "*b"]
    alu_pixels: Int[ndarray, "*b"]
    alu_channels: Int[ndarray, "*b"]
    clock_hz: Float[ndarray, "*b"]  # of all but the convolution engine
    bank_bytes: Float[ndarray, "*b"]  # a group of banks: the largest map that stays on chip
    port_bytes_per_s: Float[ndarray, "*b"]  # of one core, for maps; may be infinite
    weight_bytes_per_s: Float[ndarray, "*b"]  # of one core; may be infinite
    dram_bytes_per_s: Float[ndarray, "*b"]  # peak, of all cores together
    dram_efficiency: Float[ndarray, "*b"]
    requests_per_s: Float[ndarray, "*b"]  # of slices of a pixel's channels; may be infinite
    operators_per_s: Float[ndarray, "*b"]  # may be infinite
    groups_per_s: Float[ndarray, "*b"]  # of `alu_channels` results, by any engine; may be infinite
    large_pool_cycles: Float[ndarray, "*b"]  # a tap, of a window beyond `LARGE_POOL_TAPS`
    batch: Int[ndarray, "*b"]  # images a pass, each with engines of its own
    cores: Int[ndarray, "*b"]  # that run at the same time

    @property
    def peak_ops_per_s(self) -> Float[ndarray, "*b"]:
        """Of one core, two operations per multiply-accumulate."""
        conv = self.conv_pixels * self.conv_inputs * self.conv_outputs * self.conv_clock_hz
        alu = self.alu_pixels * self.alu_channels * self.clock_hz
        return 2.0 * self.batch * np.maximum(conv, alu)


Lanes = Annotated[int, Field(ge=1, le=4096)]
Rate = Annotated[float, Field(gt=0, le=1e5)]
Delay = Annotated[float, Field(ge=0, le=1e6)]


class DpuFile(DeviceFile):
    """What the file of a DPU holds; a delay of 0 does not limit, nor does a port left out."""

    kind: Literal["dpu"] = "dpu"
    conv_lanes: tuple[Lanes, Lanes, Lanes]  # pixels, input channels, output channels
    conv_clock_mhz: float = Field(gt=0, le=2e4)
    alu_lanes: tuple[Lanes, Lanes]  # pixels, channels
    clock_mhz: float = Field(gt=0, le=2e4)
    bank_kib: float = Field(gt=0, le=2**20)
    port_gb_per_s: Rate | None = None
    weight_gb_per_s: Rate | None = None
    dram_gb_per_s: Rate
    dram_efficiency: float = Field(default=1.0, gt=0, le=1)
    request_ns: Delay = 0.0
    operator_us: Delay = 0.0
    group_us: Delay = 0.0
    large_pool_cycles: float = Field(default=1.0, ge=1, le=1e3)
    batch: int = Field(default=1, ge=1, le=2**10)
    cores: int = Field(default=1, ge=1, le=64)

    def columns(self) -> Dpus:
        """The device as columns of shape (), SI units."""
        pixels, inputs, outputs = self.conv_lanes
        return Dpus(
            conv_pixels=np.array(pixels),
            conv_inputs=np.array(inputs),
            conv_outputs=np.array(outputs),
            conv_clock_hz=np.array(self.conv_clock_mhz * 1e6),
            alu_pixels=np.array(self.alu_lanes[0]),
            alu_channels=np.array(self.alu_lanes[1]),
            clock_hz=np.array(self.clock_mhz * 1e6),
            bank_bytes=np.array(self.bank_kib * KIB),
            port_bytes_per_s=np.array((self.port_gb_per_s or math.inf) * 1e9),
            weight_bytes_per_s=np.array((self.weight_gb_per_s or math.inf) * 1e9),
            dram_bytes_per_s=np.array(self.dram_gb_per_s * 1e9),
            dram_efficiency=np.array(self.dram_efficiency),
            requests_per_s=_rate(self.request_ns * 1e-9),
            operators_per_s=_rate(self.operator_us * 1e-6),
            groups_per_s=_rate(self.group_us * 1e-6),
            large_pool_cycles=np.array(self.large_pool_cycles),
            batch=np.array(self.batch),
            cores=np.array(self.cores),
        )

    @property
    def peak_ops_per_s(self) -> float:
        """Of one core, two operations per multiply-accumulate."""
        return float(self.columns().peak_ops_per_s)


def _rate(delay_s: float) -> np.ndarray:
    return np.array(1 / delay_s if delay_s else math.inf)
