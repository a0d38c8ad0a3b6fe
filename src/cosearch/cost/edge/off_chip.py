"""DRAM traffic: what must come from and go to memory outside the chip.

The PE memories together hold M bytes, each byte once. Activations get what the largest layer needs,
at most half; weights get the rest. Of weights that do not fit, the same share of every layer stays
from one inference to the next and the others are streamed. Activations stay on chip between two
layers when inputs and outputs of both fit. A layer that does not fit is streamed tile by tile, in
the better of two orders: tiles of weights outer, or tiles of rows outer.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from cosearch.cost.edge.layer_bytes import (
    ELEMENTWISE,
    L_C,
    L_DILATION,
    L_IX,
    L_IY,
    L_K,
    L_KIND,
    L_OPERANDS,
    L_R,
    L_REPEAT,
    L_S,
    L_STRIDE,
    L_X,
    L_Y,
    MATMUL,
    ceil_div,
    input_elements,
    largest_tile,
    operand_elements,
    output_elements,
    reach,
    rows_read,
    touched,
    weight_elements,
)

_STREAMED = 8  # this part of the weight memory takes what streams, if not all weights fit

# Two ways to run a layer, bytes of weights and of activations each; infinite where there is none.
D_WEIGHTS, D_ACTIVATIONS, D_WEIGHTS_2, D_ACTIVATIONS_2 = range(4)
TRAFFIC_FIELDS = 4


@njit
def off_chip(layers, memory, operand, out):  # type: ignore[no-untyped-def]
    """Fill `out` (L, 4), see D_*: bytes per repeat with `memory` bytes on chip.

    Which of the two ways is faster depends on what stands between the chip and its DRAM. A layer
    of which not even the smallest tile fits has neither.
    """
    room, resident, tile_room = budgets(layers, memory, operand)
    previous, previous_stays = -1, False
    for index in range(len(layers)):
        out[index, :] = 0.0
        if layers[index, L_REPEAT] == 0:
            continue
        following = next_layer(layers, index)
        fused = previous >= 0 and is_fused(layers[index], layers[previous])
        stays = fits(layers[index], room, operand, fused)
        output_stays = False
        if following < len(layers):
            joined = is_fused(layers[following], layers[index])
            output_stays = joined or fits(layers[following], room, operand, False)
        traffic(
            layers[index], room, operand, resident, tile_room, fused, stays, previous_stays,
            output_stays, out[index],
        )  # fmt: skip
        previous, previous_stays = index, stays


@njit
def budgets(layers, memory, operand):  # type: ignore[no-untyped-def]
    """(bytes for activations, share of the weights that stays, bytes for one streamed tile)."""
    most, weights, previous = np.int64(0), np.int64(0), -1
    for index in range(len(layers)):
        layer = layers[index]
        if layer[L_REPEAT] > 0:
            fused = previous >= 0 and is_fused(layer, layers[previous])
            most, previous = max(most, needs(layer, operand, fused)), index
            weights += weight_elements(layer) * layer[L_REPEAT] * operand
    room = min(most, memory // 2)
    rest = memory - room
    if weights <= rest:
        return room, 1.0, rest
    reserve = rest // _STREAMED
    return room, (rest - reserve) / weights, reserve // 2  # the other half takes the next tile


@njit
def needs(layer, operand, fused):  # type: ignore[no-untyped-def]
    """Bytes of a layer's activations; fused, it writes over what its producer made."""
    second = operand_elements(layer) if layer[L_KIND] == MATMUL else 0
    inputs = input_elements(layer)
    if fused:
        inputs -= inputs // layer[L_OPERANDS]
    return (inputs + second + output_elements(layer)) * operand


@njit
def fits(layer, room, operand, fused):  # type: ignore[no-untyped-def]
    """Whether a layer's activations are all on chip at once."""
    return needs(layer, operand, fused) <= room


@njit
def next_layer(layers, index):  # type: ignore[no-untyped-def]
    """The layer after `index`, padding passed over; L if none."""
    index += 1
    while index < len(layers) and layers[index, L_REPEAT] == 0:
        index += 1
    return index


@njit
def is_fused(layer, producer):  # type: ignore[no-untyped-def]
    """Whether an elementwise layer works on its producer's results before they are stored."""
    if layer[L_KIND] != ELEMENTWISE or layer[L_REPEAT] != 1 or producer[L_REPEAT] != 1:
        return False
    return output_elements(layer) == output_elements(producer)


@njit
def traffic(  # type: ignore[no-untyped-def]
    layer, room, operand, resident, tile_room, fused, stays, input_stays, output_stays, out
):
    """One row of `off_chip`."""
    inputs, outputs = input_elements(layer) * operand, output_elements(layer) * operand
    out[D_WEIGHTS_2] = np.inf
    going = 0 if output_stays else outputs
    if fused:
        others = inputs // layer[L_OPERANDS] * (layer[L_OPERANDS] - 1)
        out[D_ACTIVATIONS] = going + (0 if stays else others)
        return
    matmul = layer[L_KIND] == MATMUL
    second = operand_elements(layer) * operand
    weights = second * (1.0 if matmul else 1.0 - resident)
    if stays:
        out[D_WEIGHTS] = 0.0 if matmul else weights
        coming = inputs + (second if matmul else 0)
        out[D_ACTIVATIONS] = going + (0 if input_stays else coming)
        return
    weights_outer(layer, room, operand, weights, tile_room, out)
    rows_outer(layer, room, operand, weights, out)
    if matmul:  # its "weights" are activations
        out[D_ACTIVATIONS] += out[D_WEIGHTS]
        out[D_ACTIVATIONS_2] += out[D_WEIGHTS_2]
        out[D_WEIGHTS], out[D_WEIGHTS_2] = 0.0, 0.0


@njit
def weights_outer(layer, room, operand, weights, tile_room, out):  # type: ignore[no-untyped-def]
    """Each tile of output channels reads all inputs; weights come once."""
    taps = reach(layer[L_R], layer[L_DILATION])
    row_in = layer[L_C] * layer[L_IX] * layer[L_OPERANDS] * operand
    filters = layer[L_C] * layer[L_R] * layer[L_S] * operand if weights > 0 else 0
    kt = largest_tile(1, layer[L_K], filters, tile_room)
    out[D_WEIGHTS], out[D_ACTIVATIONS] = np.inf, np.inf
    if kt and row_in * min(taps, layer[L_IY]) + kt * layer[L_X] * operand <= room:
        passes = ceil_div(layer[L_K], kt)
        out[D_WEIGHTS] = weights
        out[D_ACTIVATIONS] = (input_elements(layer) * passes + output_elements(layer)) * operand


@njit
def rows_outer(layer, room, operand, weights, out):  # type: ignore[no-untyped-def]
    """Each tile of rows, as tall as fits, reads all weights, and its halo again."""
    taps = reach(layer[L_R], layer[L_DILATION])
    row_in = layer[L_C] * layer[L_IX] * layer[L_OPERANDS] * operand
    row_out = layer[L_K] * layer[L_X] * operand
    out[D_WEIGHTS_2], out[D_ACTIVATIONS_2] = np.inf, np.inf
    yt = 1
    while row_in * min(touched(yt, layer[L_STRIDE], taps), layer[L_IY]) + row_out * yt <= room:
        rows = max(rows_read(layer[L_Y], yt, layer[L_STRIDE], taps), layer[L_IY])
        out[D_WEIGHTS_2] = weights * ceil_div(layer[L_Y], yt)
        coming = input_elements(layer) // layer[L_IY] * rows
        out[D_ACTIVATIONS_2] = (coming + output_elements(layer)) * operand
        if yt == layer[L_Y]:
            return
        yt = min(2 * yt, layer[L_Y])
