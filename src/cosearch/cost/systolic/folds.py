"""Layers as matrix products folded onto a systolic array: cycles and on-chip traffic, closed forms.

As SCALE-Sim maps them (arXiv 1811.02883): pixels M x window K times K x filters N.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.columns import Columns
from cosearch.hardware.systolic import DATAFLOWS, FILTERS, PIXELS, WINDOW, SystolicArrays
from cosearch.networks import Layers

_ROWS: Final = np.array([row.rows for row in DATAFLOWS])
_COLS: Final = np.array([row.cols for row in DATAFLOWS])
_TIME: Final = np.array([row.time for row in DATAFLOWS])
_PRELOAD: Final = np.array([row.preload for row in DATAFLOWS])
Sides = tuple[ndarray, ndarray, ndarray]  # by PIXELS, WINDOW, FILTERS


@dataclass(frozen=True)
class Run(Columns):
    """One group of one layer on an array; words are operands."""

    compute_cycles: Float[ndarray, "*b"]
    stall_cycles: Float[ndarray, "*b"]
    span_cycles: Float[ndarray, "*b"]  # from the first word read from DRAM to the last written
    ifmap_words: Float[ndarray, "*b"]  # read from DRAM
    filter_words: Float[ndarray, "*b"]
    ofmap_words: Float[ndarray, "*b"]  # written to DRAM

    @property
    def total_cycles(self) -> Float[ndarray, "*b"]:
        """As SCALE-Sim counts: without what is fetched before the first cycle."""
        return self.compute_cycles + self.stall_cycles


def sides(layers: Layers) -> Sides:
    """M, K, N of one group, shape (*b)."""
    window = layers.kernel_y * layers.kernel_x * layers.in_channels.astype(np.int64)
    return layers.out_y * layers.out_x.astype(np.int64), window, layers.out_channels


def stored(layers: Layers) -> tuple[ndarray, ndarray]:
    """Input rows and columns in memory. Padding is stored too, as in SCALE-Sim's topologies.

    Where the last window sticks out by less than a stride, its taps outside are not requested:
    SCALE-Sim rounds the number of windows up.
    """
    rows = _stored(layers.in_y, layers.out_y, layers.kernel_y, layers)
    return rows, _stored(layers.in_x, layers.out_x, layers.kernel_x, layers)


def _stored(size: ndarray, out: ndarray, kernel: ndarray, layers: Layers) -> ndarray:
    reached = (out - 1) * layers.stride + (kernel - 1) * layers.dilation + 1
    sticks_out = (reached > size) & (reached - size < layers.stride)
    return np.where(sticks_out, size, reached)


def spans(product: Sides, chips: SystolicArrays) -> Sides:
    """How much of each side one fold covers: at most an axis of the array, or all of it in time."""
    rows, cols = _ROWS[chips.dataflow], _COLS[chips.dataflow]
    m, k, n = (
        np.where(rows == side, np.minimum(size, chips.rows), size) for side, size in _by(product)
    )
    m, k, n = (
        np.where(cols == side, np.minimum(size, chips.cols), size) for side, size in _by((m, k, n))
    )
    return m, k, n


def folds(product: Sides, chips: SystolicArrays) -> Sides:
    """Into how many pieces each side is cut."""
    m, k, n = (
        -(-size // np.maximum(span, 1))  # padding has no sides
        for size, span in zip(product, spans(product, chips), strict=True)
    )
    return m, k, n


def compute_cycles(product: Sides, chips: SystolicArrays) -> Int[ndarray, "*b"]:
    """Folds times (time steps + skew over rows and columns + shifting in), less one.

    Every fold waits until the one before it has left the array, and an idle row or column takes
    as long as a busy one.
    """
    pieces = folds(product, chips)
    steps = np.choose(_TIME[chips.dataflow], product)
    skew = chips.rows + chips.cols - 2 + _PRELOAD[chips.dataflow] * chips.rows
    return np.asarray(pieces[PIXELS] * pieces[WINDOW] * pieces[FILTERS] * (steps + skew) - 1)


def sram_words(product: Sides, chips: SystolicArrays) -> tuple[ndarray, ndarray, ndarray]:
    """Words read for the input and the filters, and written for the output.

    An operand is read again for every fold of the side that it does not have.
    """
    m, k, n = product
    pieces = folds(product, chips)
    return m * k * pieces[FILTERS], k * n * pieces[PIXELS], m * n * pieces[WINDOW]


def preloaded_words(product: Sides, chips: SystolicArrays) -> Int[ndarray, "*b"]:
    """Words of the stationary operand shifted in before the first fold; 0 if outputs stay."""
    span = spans(product, chips)
    rows = np.choose(_ROWS[chips.dataflow], span)
    cols = np.choose(_COLS[chips.dataflow], span)
    return np.asarray(_PRELOAD[chips.dataflow] * rows * cols)


def _by(product: Sides) -> tuple[tuple[int, ndarray], ...]:
    return tuple(enumerate(product))
