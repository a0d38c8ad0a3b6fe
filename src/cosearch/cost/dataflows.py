"""Spatial mappings and stationarities as table rows: a dataflow is data, not a class."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np

# Loop dimensions: groups, output channels, input channels, rows, columns, filter taps.
G, K, C, Y, X, F = range(6)
DIMENSIONS: Final = "GKCYXF"

# What each level of the array may unroll. No level reduces across PEs or lanes, so partial sums
# never cross the on-chip network.
_DENSE: Final = ((C, F), (K, X), (K, Y), (K, X), (K, Y))
_GROUPED: Final = ((C, F), (G, X), (G, Y), (G, X), (G, Y))

LEVELS: Final = ("dot", "unit", "lane", "pe_x", "pe_y")

# Row: which dimension the dot product, SIMD units, lanes, PE columns and PE rows unroll.
DATAFLOWS: Final = np.array(
    [*itertools.product(*_DENSE), *itertools.product(*_GROUPED)], dtype=np.int64
)

WEIGHT, OUTPUT, INPUT = range(3)
STATIONARY: Final = ("weight", "output", "input")

INT8_BYTES: Final = 1
PARTIAL_SUM_BYTES: Final = 4


def describe(dataflow: int) -> str:
    """E.g. ``dot C, unit K, lane Y, pe_x K, pe_y Y``."""
    row = DATAFLOWS[dataflow]
    return ", ".join(f"{level} {DIMENSIONS[d]}" for level, d in zip(LEVELS, row, strict=True))
