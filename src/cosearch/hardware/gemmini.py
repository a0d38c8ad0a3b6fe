"""Gemmini with 16 x 16 int8 cells, as DOSA's authors ran it on an FPGA: its sizes and times."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Final

from cosearch.errors import CosearchError


@dataclass(frozen=True)
class Gemmini:
    """Sizes in bytes or elements, times in cycles of the accelerator's clock.

    The five times at the end are fitted (`FITTED`); all else is read off public sources.
    """

    dim: int  # cells along a side: rows of weights, columns of outputs
    burst_bytes: int  # the longest request of the DMA, a cache line
    bus_bytes: int  # moved in a cycle
    least_rows: int  # one compute takes as many cycles at least
    ways: int  # of both caches
    l2_bytes: int
    llc_bytes: int
    request_cycles: float  # of a read request, above its cycles on the bus
    miss_cycles: float  # of a line missing in L2
    dram_cycles: float  # of a line missing in the last-level cache too
    write_cycles: float  # of a write request
    pair_cycles: float  # of a preload and its compute, however few its rows


FITTED: Final = tuple(f.name for f in fields(Gemmini) if f.name.endswith("_cycles"))


@cache
def gemmini() -> Gemmini:
    """The shipped description; every number has a unit and a source, or it is refused."""
    rows = json.loads(files("cosearch.hardware").joinpath("gemmini.json").read_text())
    for name, row in rows.items():
        if not (row.get("unit") and row.get("source")):
            raise CosearchError(f"gemmini.json: {name} needs a unit and a source")
    return Gemmini(**{name: row["value"] for name, row in rows.items()})
