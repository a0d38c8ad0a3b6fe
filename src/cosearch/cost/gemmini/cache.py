"""Which of the DMA's lines miss a cache, from the loops around a tile, innermost to outermost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from cosearch.cost.gemmini.dma import lines
from cosearch.cost.gemmini.loop_nest import C, K, LoopNests, P, Q, R, S
from cosearch.hardware.gemmini import Gemmini

Floats = Float[np.ndarray, "n"]


@dataclass(frozen=True)
class _Held:
    """Distinct lines that some loops touch of an operand, and how much they crowd their sets."""

    lines: Floats
    crowding: Floats


def misses(nest: LoopNests, cache_bytes: int, device: Gemmini) -> tuple[Floats, Floats]:
    """Lines of inputs and of weights fetched from below the cache, in one run after another.

    A loop's next turn finds a line again with the chance that it outlived the turn. The run
    before, of the same layer by another tiling, counts as one more loop around all.
    """
    capacity = cache_bytes // device.burst_bytes
    extent = nest.tile.copy()
    held = _held(nest, extent, cache_bytes, device)
    missed = [operand.lines for operand in held]
    for place in range(nest.order.shape[1] - 1, -1, -1):
        dim = nest.order[:, place, None]
        trips = np.take_along_axis(nest.trips, dim, 1)
        whole = np.take_along_axis(nest.bounds, dim, 1)
        now = np.minimum(np.take_along_axis(extent, dim, 1) * trips, whole)
        np.put_along_axis(extent, dim, now, 1)
        wider = _held(nest, extent, cache_bytes, device)
        for which, own in enumerate(held):
            hit = survival((own.lines * own.crowding + held[1 - which].lines) / capacity)
            fresh = wider[which].lines / own.lines
            missed[which] = missed[which] * (trips[:, 0] * (1 - hit) + fresh * hit)
        held = wider
    warm = survival((held[0].lines + held[1].lines) / capacity)
    return missed[0] - warm * held[0].lines, missed[1] - warm * held[1].lines


def survival(pressure: Floats) -> Floats:
    """The share of lines found again, touched in turn through a cache that replaces at random.

    `pressure` is their number over the cache's lines. A line outlives the others' misses with
    the chance exp(-misses / lines), and misses are those that did not: the smaller solution.
    """
    hit = np.zeros_like(pressure)
    for _ in range(60):
        hit = np.exp(-(1 - hit) * pressure)
    return hit


def _held(
    nest: LoopNests, extent: np.ndarray, cache_bytes: int, device: Gemmini
) -> tuple[_Held, _Held]:
    window = (extent[:, [Q, P]] - 1) * nest.stride + 1
    window = window + (extent[:, [S, R]] - 1) * nest.dilation + (nest.stride - 1)
    pixels = np.minimum(window, nest.inputs).prod(axis=1)
    taps = extent[:, [C, R, S]].prod(axis=1)
    inputs = _rows(pixels, extent[:, C], nest.bounds[:, C], cache_bytes, device)
    return inputs, _rows(taps, extent[:, K], nest.bounds[:, K], cache_bytes, device)


def _rows(
    rows: np.ndarray, size: np.ndarray, apart: np.ndarray, cache_bytes: int, device: Gemmini
) -> _Held:
    """`rows` pieces of `size` bytes, `apart` bytes from start to start."""
    line = device.burst_bytes
    dense = size >= apart
    held = rows * np.where(dense, apart / line, lines(size, apart, line))
    span = -(-size // line) * line
    crowding = np.maximum(np.gcd(apart, cache_bytes // device.ways) / span, 1.0)
    return _Held(np.maximum(held, 1.0), np.where(dense, 1.0, crowding))
