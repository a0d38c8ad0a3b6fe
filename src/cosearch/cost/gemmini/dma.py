"""The requests of Gemmini's DMA for a loop nest: bursts of at most a cache line, row by row."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from cosearch.cost.gemmini.loop_nest import C, K, LoopNests, N, P, Q, R, S
from cosearch.hardware.gemmini import Gemmini

Floats = Float[np.ndarray, "n"]


def split(total: np.ndarray, size: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
    """`total` in pieces of `size`: the count and the size of whole and last pieces, (..., 2)."""
    last = total % size
    counts = np.stack([total // size, last > 0], axis=-1)
    return counts, np.stack(np.broadcast_arrays(np.asarray(size), last), axis=-1)


def lines(size: np.ndarray, grain: np.ndarray, line: int) -> np.ndarray:
    """Lines that `size` bytes touch, on average over starts at the multiples of `grain`."""
    step = np.minimum(np.gcd(grain, line), size)
    return 1 + (size - step) / line


def bursts(channels: np.ndarray, tile: np.ndarray, burst: int) -> np.ndarray:
    """Requests for one row of `channels` bytes, tile after tile; rows follow without a gap."""
    grain = np.where(tile < channels, np.gcd(channels, tile), channels)
    counts, sizes = split(channels, tile)
    pieces, lengths = split(sizes, burst)
    each = np.where(lengths > 0, lines(lengths, grain[:, None, None], burst), 0)
    return (counts * (pieces * each).sum(-1)).sum(-1)


def reads(nest: LoopNests, device: Gemmini) -> tuple[Floats, Floats, Floats]:
    """Requests for inputs, requests for weights, bytes of both; padding is not fetched."""
    bounds, tile, trips = nest.bounds, nest.tile, nest.trips
    pixels = _fetched(nest, 0, Q, S) * _fetched(nest, 1, P, R) * trips[:, K] * bounds[:, N]
    inputs = pixels * bursts(bounds[:, C], tile[:, C], device.burst_bytes)
    rows = (bounds[:, [C, R, S]] * trips[:, [P, Q, N]]).prod(axis=1)
    weights = rows * bursts(bounds[:, K], tile[:, K], device.burst_bytes)
    return inputs, weights, (pixels * bounds[:, C] + rows * bounds[:, K]).astype(float)


def writes(nest: LoopNests, device: Gemmini) -> Floats:
    """Requests for outputs: `dim` channels of a pixel each, a matrix product's a whole burst."""
    width = np.where(nest.is_matmul, device.burst_bytes, device.dim)
    counts, sizes = split(nest.bounds[:, K], nest.tile[:, K])
    per_pixel = (counts * -(-sizes // width[:, None])).sum(-1)
    return (per_pixel * nest.bounds[:, [N, P, Q]].prod(axis=1)).astype(float)


def _fetched(nest: LoopNests, axis: int, out: int, kernel: int) -> Int[np.ndarray, "n"]:
    """Input rows (axis 0) or columns (axis 1) fetched over all tiles, the overlaps again."""
    stride, dilation = nest.stride[:, axis, None, None], nest.dilation[:, axis, None, None]
    first, size = _tiles(nest, out)
    offset, taps = _tiles(nest, kernel)
    first, size = first[:, :, None], size[:, :, None]
    offset, taps = offset[:, None, :], taps[:, None, :]
    low = first * stride + offset * dilation - nest.padding[:, axis, None, None]
    high = low + size * stride + (taps - 1) * dilation
    inside = np.minimum(high, nest.inputs[:, axis, None, None]) - np.maximum(low, 0)
    return np.where((size > 0) & (taps > 0), np.maximum(inside, 0), 0).sum(axis=(1, 2))


def _tiles(nest: LoopNests, dim: int) -> tuple[np.ndarray, np.ndarray]:
    """Start and size of every tile along a dimension, (n, most trips); size 0 pads."""
    start = np.arange(nest.trips[:, dim].max(initial=1)) * nest.tile[:, dim, None]
    return start, np.clip(nest.bounds[:, dim, None] - start, 0, nest.tile[:, dim, None])
