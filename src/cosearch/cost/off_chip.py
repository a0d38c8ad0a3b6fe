"""DRAM traffic of a layer: what must come from and go to memory outside the chip.

The PE memories together hold M bytes, each byte once. Half is for activations, half for weights.
Weights of a network that fit stay there from one inference to the next. Activations stay on chip
between two layers when the inputs and outputs of both fit. What does not fit is streamed, in the
better of two orders: weights kept tile by tile while activations pass, or the reverse.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from cosearch.cost.mapper import (
    L_C,
    L_DILATION,
    L_G,
    L_IX,
    L_IY,
    L_K,
    L_KIND,
    L_OPERANDS,
    L_R,
    L_S,
    L_STRIDE,
    L_X,
    L_Y,
    ceil_div,
    largest_tile,
    reach,
    rows_read,
    touched,
)
from cosearch.networks import Kind

_MAC = int(Kind.MAC)
_MATMUL = int(Kind.MATMUL)
CANNOT_RUN = -1


@njit
def input_bytes(layer):  # type: ignore[no-untyped-def]
    """Activations read by the layer, int8."""
    return layer[L_G] * layer[L_C] * layer[L_IY] * layer[L_IX] * layer[L_OPERANDS]


@njit
def output_bytes(layer):  # type: ignore[no-untyped-def]
    """Activations written by the layer, int8."""
    return layer[L_G] * layer[L_K] * layer[L_Y] * layer[L_X]


@njit
def weight_bytes(layer):  # type: ignore[no-untyped-def]
    """Weights of one repeat of the layer, int8; they may stay from one inference to the next."""
    if layer[L_KIND] != _MAC:
        return np.int64(0)
    return operand_bytes(layer)


@njit
def operand_bytes(layer):  # type: ignore[no-untyped-def]
    """The second operand of the multiplications: weights, or activations for a matrix product."""
    if layer[L_KIND] != _MAC and layer[L_KIND] != _MATMUL:
        return np.int64(0)
    return layer[L_G] * layer[L_K] * layer[L_C] * layer[L_R] * layer[L_S]


@njit
def fits(layer, memory):  # type: ignore[no-untyped-def]
    """Whether inputs and outputs fit the activation half of `memory` bytes."""
    second = operand_bytes(layer) if layer[L_KIND] == _MATMUL else 0
    return input_bytes(layer) + second + output_bytes(layer) <= memory // 2


@njit
def dram_bytes(layer, memory, resident, input_stays, output_stays):  # type: ignore[no-untyped-def]
    """Bytes of one repeat; `CANNOT_RUN` if not even the smallest tile fits."""
    matmul = layer[L_KIND] == _MATMUL
    stays = input_stays if matmul else resident
    weights = 0 if stays else operand_bytes(layer)
    if fits(layer, memory):
        coming = 0 if input_stays else input_bytes(layer)
        return weights + coming + (0 if output_stays else output_bytes(layer))
    return streamed(layer, memory, operand_bytes(layer) if matmul else weights)


@njit
def streamed(layer, memory, weights):  # type: ignore[no-untyped-def]
    """Traffic of a layer whose activations do not fit: the better loop order."""
    activations = memory // 2
    row_in = layer[L_C] * layer[L_IX] * layer[L_OPERANDS]
    taps = reach(layer[L_R], layer[L_DILATION])
    first = row_in * min(taps, layer[L_IY])
    best = CANNOT_RUN
    # weights outer: each tile of output channels reads all inputs (double-buffered tile)
    filters = layer[L_C] * layer[L_R] * layer[L_S]
    room = memory // 4 if weights else memory
    kt = largest_tile(1, layer[L_K], filters if weights else 0, room)
    if kt and first + kt * layer[L_X] <= activations:
        best = weights + input_bytes(layer) * ceil_div(layer[L_K], kt) + output_bytes(layer)
    # rows outer: each tile of rows reads all weights, and its halo again
    yt = 1
    while True:
        tall = min(touched(yt, layer[L_STRIDE], taps), layer[L_IY])
        if row_in * tall + layer[L_K] * layer[L_X] * yt > activations:
            break
        tiles = ceil_div(layer[L_Y], yt)
        rows = rows_read(layer[L_Y], yt, layer[L_STRIDE], taps)
        coming = input_bytes(layer) // layer[L_IY] * max(rows, layer[L_IY])
        total = weights * tiles + coming + output_bytes(layer)
        best = total if best == CANNOT_RUN else min(best, total)
        if yt == layer[L_Y]:
            break
        yt = min(2 * yt, layer[L_Y])
    return best
