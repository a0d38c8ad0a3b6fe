"""`SystolicArrays` as columns, and their device file, `kind` "systolic"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal, NamedTuple, Self

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from pydantic import Field, model_validator

from cosearch.columns import Columns
from cosearch.hardware.chip_file import PRECISIONS, Precision
from cosearch.hardware.device_file import DeviceFile
from cosearch.units import KIB

PIXELS, WINDOW, FILTERS = range(3)  # the three sides of a layer's matrix product
PORTS: Final = 3  # DRAM ports: input, filter, output; each has a third of the bandwidth


class Dataflow(NamedTuple):
    """Which side of the matrix product lies along the rows, along the columns, and in time."""

    name: str
    rows: int
    cols: int
    time: int
    preload: bool  # the stationary operand is shifted in before a fold starts


DATAFLOWS: Final = (
    Dataflow("os", rows=PIXELS, cols=FILTERS, time=WINDOW, preload=False),
    Dataflow("ws", rows=WINDOW, cols=FILTERS, time=PIXELS, preload=True),
    Dataflow("is", rows=WINDOW, cols=PIXELS, time=FILTERS, preload=True),
)
_ROW_OF: Final = {row.name: index for index, row in enumerate(DATAFLOWS)}


@dataclass(frozen=True)
class SystolicArrays(Columns):
    """rows x cols multipliers and three double-buffered memories, as SCALE-Sim has them.

    After arXiv 1811.02883 and 2504.15377. Half of a memory serves the array, the other half is
    refilled. The bandwidth may be infinite.
    """

    rows: Int[ndarray, "*b"]
    cols: Int[ndarray, "*b"]
    dataflow: Int[ndarray, "*b"]  # row of DATAFLOWS
    ifmap_bytes: Float[ndarray, "*b"]
    filter_bytes: Float[ndarray, "*b"]
    ofmap_bytes: Float[ndarray, "*b"]
    dram_bytes_per_s: Float[ndarray, "*b"]  # of all three ports together
    clock_hz: Float[ndarray, "*b"]
    operand_bytes: Int[ndarray, "*b"]

    @property
    def macs_per_cycle(self) -> Int[ndarray, "*b"]:
        """One per multiplier."""
        return self.rows * self.cols

    @property
    def peak_ops_per_s(self) -> Float[ndarray, "*b"]:
        """Two operations per multiply-accumulate."""
        return 2.0 * self.macs_per_cycle * self.clock_hz

    @property
    def words_per_cycle(self) -> Float[ndarray, "*b"]:
        """Operands a DRAM port moves in a cycle."""
        return self.dram_bytes_per_s / (PORTS * self.clock_hz * self.operand_bytes)


Memory = Annotated[float, Field(gt=0, le=2**20)]


class SystolicFile(DeviceFile):
    """What the file of a systolic array holds.

    `memory` says how DRAM traffic and stalls come about: "stream" (closed forms, for searching) or
    "replay" (refill by refill, equal to SCALE-Sim; milliseconds a layer).
    """

    kind: Literal["systolic"] = "systolic"
    rows: int = Field(ge=1, le=4096)
    cols: int = Field(ge=1, le=4096)
    dataflow: Literal["os", "ws", "is"]
    ifmap_kib: Memory
    filter_kib: Memory
    ofmap_kib: Memory
    dram_gb_per_s: float = Field(gt=0, le=1e5)  # of all three ports together
    clock_ghz: float = Field(default=1, gt=0, le=20)
    precision: Precision = "int8"
    memory: Literal["stream", "replay"] = "stream"
    node_nm: float = Field(default=22, ge=7, le=65)

    @model_validator(mode="after")
    def _whole_words(self) -> Self:
        words = float(self.columns().words_per_cycle)
        if self.memory == "replay" and abs(words - round(words)) > 1e-6 * words:
            raise ValueError(
                f"memory = 'replay': each port moves {words:g} words a cycle; whole ones are needed"
            )
        return self

    def columns(self) -> SystolicArrays:
        """The array as columns of shape (), SI units."""
        return SystolicArrays(
            rows=np.array(self.rows),
            cols=np.array(self.cols),
            dataflow=np.array(_ROW_OF[self.dataflow]),
            ifmap_bytes=np.array(self.ifmap_kib * KIB),
            filter_bytes=np.array(self.filter_kib * KIB),
            ofmap_bytes=np.array(self.ofmap_kib * KIB),
            dram_bytes_per_s=np.array(self.dram_gb_per_s * 1e9),
            clock_hz=np.array(self.clock_ghz * 1e9),
            operand_bytes=np.array(PRECISIONS[self.precision]),
        )

    @property
    def peak_ops_per_s(self) -> float:
        """Two operations per multiply-accumulate."""
        return float(self.columns().peak_ops_per_s)
