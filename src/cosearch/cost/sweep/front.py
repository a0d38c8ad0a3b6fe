"""The exact Pareto front of more designs than fit in memory: a rough sieve, then the exact cut."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numba import njit
from numpy import ndarray

_ENOUGH = 200_000  # points kept before the exact cut is made

Sieve = tuple[Float[ndarray, "i j"], Int[ndarray, "2 2"]]
Part = tuple[Float[ndarray, "n 3"], Int[ndarray, " n"]]  # points and their designs


class Front:
    """Points (area, latency, energy), all minimised; equal points count once, the lowest design.

    The sieve is a grid over area and energy, or area alone: `bars[i, j]` is the least latency
    known in bins of less area and less energy. Whoever is not below it is dominated for sure.
    """

    def __init__(self, objectives: int) -> None:
        self.flat = objectives == 2
        # bars and the scales of their bins, replaced together: workers read them at any time
        self.sieve: Sieve = np.full((1, 1), np.inf), np.full((2, 2), 52, dtype=np.int64)
        self._scales = self.sieve[1]
        self._least: Float[ndarray, "i j"] = np.empty((0, 0))
        self._parts: list[Part] = [(np.empty((0, 3)), np.empty(0, dtype=np.int64))]
        self._size, self._limit = 0, _ENOUGH

    def offer(self, points: Float[ndarray, "n 3"], designs: Int[ndarray, " n"]) -> None:
        """Take note of points the sieve let through; all finite."""
        if not len(points):
            return
        points = points * np.array([1.0, 1.0, 0.0 if self.flat else 1.0])
        self._parts.append((points, designs.copy()))
        self._size += len(points)
        self._sieve(points)
        if self._size > self._limit:
            self._limit = _ENOUGH + 2 * len(self.cut()[1])

    def cut(self) -> Part:
        """The front of what is there, by rising area; the rest is forgotten."""
        points, designs = (np.concatenate(columns) for columns in zip(*self._parts, strict=True))
        area, latency, energy = points.T
        order = np.lexsort((designs, energy, latency, area))
        kept = order[_undominated(points[order])]
        self._parts, self._size = [(points[kept], designs[kept])], len(kept)
        return self._parts[0]

    def _sieve(self, points: Float[ndarray, "n 3"]) -> None:
        if not self._least.size:
            self._lay_out(points)
        cells = (
            _bins(points[:, 0], self._scales[0], self._least.shape[0]),
            _bins(points[:, 2], self._scales[1], self._least.shape[1]),
        )
        if not (points[:, 1] < self._least[cells]).any():
            return
        np.minimum.at(self._least, cells, points[:, 1])
        # what is known in a cell holds in all cells of more area and energy, its own left out
        known = np.minimum.accumulate(np.minimum.accumulate(self._least, axis=0), axis=1)
        bars = np.full_like(known, np.inf)
        if self.flat:
            bars[1:] = known[:-1]
        else:
            bars[1:, 1:] = known[:-1, :-1]
        self.sieve = bars, self._scales

    def _lay_out(self, points: Float[ndarray, "n 3"]) -> None:
        """Bins from a 256th of the first points' least to 256 times their most."""
        steps = 10 if self.flat else 4  # powers of two: bins an octave
        area, rows = _scale(points[:, 0], steps)
        energy, columns = (area, 1) if self.flat else _scale(points[:, 2], steps)
        self._scales = np.array([area, energy], dtype=np.int64)
        self._least = np.full((rows, columns), np.inf)


def _scale(values: Float[ndarray, " n"], steps: int) -> tuple[tuple[int, int], int]:
    """(shift, first) of the bits of a float64, whose mantissa has 52, and the number of bins."""
    shift = 52 - steps
    positive = values[values > 0]
    ends = (positive.min() / 256, positive.max() * 256) if len(positive) else (1.0, 1.0)
    first, last = (int(bits) >> shift for bits in np.array(ends).view(np.int64))
    return (shift, first), last - first + 1


def _bins(values: Float[ndarray, " n"], scale: Int[ndarray, " 2"], bins: int) -> Int[ndarray, " n"]:
    """As `kernels.bin_of`."""
    bits = np.ascontiguousarray(values).view(np.int64)
    return np.clip((bits >> scale[0]) - scale[1], 0, bins - 1)


@njit
def _above(values, end, value):  # type: ignore[no-untyped-def]
    """The first place before `end` of something larger; numpy's takes longer to compile."""
    start = 0
    while start < end:
        middle = (start + end) // 2
        if values[middle] <= value:
            start = middle + 1
        else:
            end = middle
    return start


@njit(cache=True, nogil=True)
def _undominated(points):  # type: ignore[no-untyped-def]
    """Mask of points sorted by area, latency, energy, of equal ones the first.

    The staircase holds, by rising latency and falling energy, what no point so far dominates in
    those two; whoever stands above it is dominated, for those before have no more area.
    """
    n = len(points)
    mask = np.zeros(n, dtype=np.bool_)
    latency, energy = np.empty(n + 1), np.empty(n + 1)
    steps = 0
    for i in range(n):
        at = _above(latency, steps, points[i, 1])
        if at > 0 and energy[at - 1] <= points[i, 2]:
            continue
        mask[i] = True
        start = at - 1 if at > 0 and latency[at - 1] == points[i, 1] else at
        end = start
        while end < steps and energy[end] >= points[i, 2]:
            end += 1
        shift = 1 - (end - start)
        if shift > 0:
            for k in range(steps, start, -1):
                latency[k], energy[k] = latency[k - 1], energy[k - 1]
        elif shift < 0:
            for k in range(start + 1, steps + shift):
                latency[k], energy[k] = latency[k - shift], energy[k - shift]
        latency[start], energy[start] = points[i, 1], points[i, 2]
        steps += shift
    return mask
