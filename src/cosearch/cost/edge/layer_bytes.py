"""What one row of `Layers` reads and writes, counted once; the columns of the kernels' tables."""

from __future__ import annotations

import numpy as np
from numba import njit

from cosearch.networks import Kind

# Columns, in the order of the fields of `Layers`.
L_KIND, L_G, L_K, L_C, L_Y, L_X, L_IY, L_IX, L_R, L_S = range(10)
L_STRIDE, L_DILATION, L_OPERANDS, L_REPEAT = range(10, 14)

MAC = int(Kind.MAC)
MATMUL = int(Kind.MATMUL)
ELEMENTWISE = int(Kind.ELEMENTWISE)


@njit(inline="always")
def ceil_div(a, b):  # type: ignore[no-untyped-def]
    return -(-a // b)


@njit
def input_elements(layer):  # type: ignore[no-untyped-def]
    """Activations read, every operand; of a matrix product only the left side."""
    return layer[L_G] * layer[L_C] * layer[L_IY] * layer[L_IX] * layer[L_OPERANDS]


@njit
def output_elements(layer):  # type: ignore[no-untyped-def]
    """Activations written."""
    return layer[L_G] * layer[L_K] * layer[L_Y] * layer[L_X]


@njit
def operand_elements(layer):  # type: ignore[no-untyped-def]
    """The other operand: weights, or the right side of a matrix product."""
    if layer[L_KIND] != MAC and layer[L_KIND] != MATMUL:
        return np.int64(0)
    return layer[L_G] * layer[L_K] * layer[L_C] * layer[L_R] * layer[L_S]


@njit
def weight_elements(layer):  # type: ignore[no-untyped-def]
    """Weights of one repeat; they may stay from one inference to the next."""
    return operand_elements(layer) if layer[L_KIND] == MAC else np.int64(0)


@njit(inline="always")
def reach(taps, dilation):  # type: ignore[no-untyped-def]
    """Input rows (or columns) a window spans; those between dilated taps are fetched with them."""
    return (taps - 1) * dilation + 1


@njit(inline="always")
def touched(outputs, stride, taps):  # type: ignore[no-untyped-def]
    """Input rows (or columns) that `outputs` neighbouring outputs read, padding included."""
    return outputs * taps if stride >= taps else (outputs - 1) * stride + taps


@njit
def rows_read(extent, tile, stride, taps):  # type: ignore[no-untyped-def]
    """Input rows read in all when `extent` output rows are made in tiles of `tile` (halo again)."""
    whole = extent // tile
    rest = extent - whole * tile
    return whole * touched(tile, stride, taps) + (touched(rest, stride, taps) if rest else 0)


@njit
def largest_tile(step, extent, unit, capacity):  # type: ignore[no-untyped-def]
    """Largest of step, 2 step, 4 step, ..., extent with `unit * tile <= capacity`; 0 if none."""
    if unit * extent <= capacity:
        return extent
    tile = min(step, extent)
    if unit * tile > capacity:
        return 0
    while unit * min(2 * tile, extent) <= capacity:
        tile = min(2 * tile, extent)
    return tile
