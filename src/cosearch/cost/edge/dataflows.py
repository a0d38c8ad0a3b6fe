"""Spatial mappings and stationarities as table rows: a dataflow is data, not a class."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np

# Loop dimensions: groups, output channels, input channels, rows, columns, filter taps.
G, K, C, Y, X, F = range(6)
DIMENSIONS: Final = "GKCYXF"

# The levels of the array, inside out. A row says which dimension each unrolls.
LEVELS: Final = ("simd", "lane", "core", "pe_x", "pe_y")
SIMD, LANE, CORE, PE_X, PE_Y = range(5)


def _pairs(channel: int) -> list[tuple[int, int]]:
    """What the two PE axes unroll. Both orders of each pair: the axes are alike."""
    mixed = [(channel, Y), (channel, X), (Y, X)]
    return [(channel, channel), *mixed, *((b, a) for a, b in mixed)]


# Lanes and cores share what they read (multicast). Input channels over cores are summed by an adder
# tree of the PE; over PEs, partial sums cross the network and are added up in a PE memory.
_REDUCED: Final = [(K, C), (C, K), (Y, C), (C, Y)]
_DENSE: Final = [*_pairs(K), *_REDUCED]
_ROW_STATIONARY: Final = [(F, Y), (Y, F)]  # filter rows along one axis, output rows along the other

_TABLE: Final = [
    (simd, lane, core, *pes)
    for pes, simds, lanes, cores in (
        *((pes, (C, F), (K, X), (K, Y, C)) for pes in _DENSE),
        *((pes, (C,), (K, X), (K, Y, C)) for pes in _ROW_STATIONARY),
        *((pes, (C, F), (G, X), (G, Y)) for pes in _pairs(G)),
    )
    for simd, lane, core in itertools.product(simds, lanes, cores)
]

# Row: which dimension each of `LEVELS` unrolls. The first `GROUPED` rows unroll no groups.
DATAFLOWS: Final = np.array(_TABLE, dtype=np.int64)
GROUPED: Final = 6 * (2 * len(_DENSE) + len(_ROW_STATIONARY))

# Bit i of MASKS[row, d]: level i unrolls dimension d.
MASKS: Final = np.array(
    [[sum(1 << i for i in range(5) if row[i] == d) for d in range(6)] for row in _TABLE],
    dtype=np.int64,
)

ACROSS_PES: Final = (1 << PE_X) | (1 << PE_Y)
ACROSS_CORES: Final = ACROSS_PES | (1 << CORE)

# The masks that occur for each dimension, whole or of its outer levels, padded with the first.
_WITHIN: Final = (-1, ACROSS_CORES, ACROSS_PES)
_OCCUR: Final = [
    sorted({mask & part for mask in MASKS[:, d].tolist() for part in _WITHIN}) for d in range(6)
]
OCCURRING: Final = np.array([len(masks) for masks in _OCCUR], dtype=np.int64)
_MOST: Final = max(map(len, _OCCUR))
OCCUR: Final = np.array([row + [row[0]] * (_MOST - len(row)) for row in _OCCUR], dtype=np.int64)


def _distinct(dimensions: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(distinct masks of three dimensions, which of them each row has, where the two parts end)."""
    dense, of_dense = np.unique(MASKS[:GROUPED, dimensions], axis=0, return_inverse=True)
    grouped, of_grouped = np.unique(MASKS[GROUPED:, dimensions], axis=0, return_inverse=True)
    which = np.concatenate([of_dense.ravel(), of_grouped.ravel() + len(dense)])
    return np.concatenate([dense, grouped]), which, np.cumsum([len(dense), len(grouped)])


# A row's steps are the product of two factors, of which there are far fewer than rows.
FIRST, FIRST_OF, FIRST_ENDS = _distinct([G, K, X])
SECOND, SECOND_OF, SECOND_ENDS = _distinct([Y, C, F])

WEIGHT, OUTPUT, INPUT, ROW = range(4)
STATIONARY: Final = ("weight", "output", "input", "row")

PARTIAL_SUM_BYTES: Final = 4


def describe(dataflow: int) -> str:
    """E.g. ``simd C, lane K, core Y, pe_x K, pe_y Y``."""
    row = DATAFLOWS[dataflow]
    return ", ".join(f"{level} {DIMENSIONS[d]}" for level, d in zip(LEVELS, row, strict=True))
