"""An ideal double buffer in closed form: what fits in half of a memory is fetched once."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy import ndarray

from cosearch.cost.systolic.folds import (
    Run,
    compute_cycles,
    folds,
    preloaded_words,
    sides,
    spans,
    sram_words,
    stored,
)
from cosearch.hardware.systolic import DATAFLOWS, FILTERS, PIXELS, SystolicArrays
from cosearch.networks import Layers

_PIXELS_IN_TIME: Final = np.array([row.time == PIXELS for row in DATAFLOWS])


def stream(layers: Layers, chips: SystolicArrays) -> Run:
    """Layers (..., L) x chips (..., 1) -> Run (..., L) of one group. Pure; its span never rises
    with memory, bandwidth or clock.

    Refills take place while the array works; a layer takes the longest of computing and of its
    three ports, after the first held operand has come.
    """
    cycles = compute_cycles(sides(layers), chips).astype(float)
    words = _dram_words(layers, chips)
    memories = (chips.ifmap_bytes, chips.filter_bytes, chips.ofmap_bytes)
    # SCALE-Sim's stalls leave out what is fetched before the first cycle and written after the last
    late = [
        np.maximum(0, amount - _half(memory, chips)) / chips.words_per_cycle
        for amount, memory in zip(words, memories, strict=True)
    ]
    ports = [amount / chips.words_per_cycle for amount in words]
    preload = preloaded_words(sides(layers), chips) / chips.words_per_cycle
    stall = np.max(np.broadcast_arrays(cycles, *late), axis=0) - cycles
    span = preload + np.max(np.broadcast_arrays(cycles, *ports), axis=0)
    return Run(cycles, stall, span, *(amount.astype(float) for amount in words))


def _dram_words(layers: Layers, chips: SystolicArrays) -> tuple[ndarray, ndarray, ndarray]:
    """Words through the ports. The columns' folds are the outer loop, the rows' the inner one."""
    m, k, n = product = sides(layers)
    pieces = folds(product, chips)
    high, wide = stored(layers)
    # strides wider than the kernel leave rows and columns out
    high = np.minimum(high, layers.out_y * layers.kernel_y)
    wide = np.minimum(wide, layers.out_x * layers.kernel_x)
    once = high * wide * layers.in_channels.astype(np.int64)
    # pixels that pass in time come back tap by tap; pixels in folds share taps
    by_pass = np.where(_PIXELS_IN_TIME[chips.dataflow], m * k, once) * pieces[FILTERS]
    ifmap = np.where(once <= _half(chips.ifmap_bytes, chips), once, by_pass)
    # while the pixels' folds pass, the filters of one fold must stay
    stay = k * spans(product, chips)[FILTERS] <= _half(chips.filter_bytes, chips)
    filters = k * n * np.where(stay, 1, pieces[PIXELS])
    return ifmap, filters, sram_words(product, chips)[2]


def _half(memory_bytes: ndarray, chips: SystolicArrays) -> ndarray:
    return memory_bytes / (2 * chips.operand_bytes)
