"""What SCALE-Sim's read buffers hold and miss, word by word: one operand of one layer.

An operand is a grid of words, time steps x lanes, and each word has an address: the sum of a part
of its step and a part of its lane. Input words of overlapping windows share addresses. Lanes are
cut into folds as wide as the axis of the array they lie along.

A *moving* operand enters skewed, lane c by c steps late, and is fetched in that order; a *held*
one is shifted in row by row, the last row first, and is fetched first row first.
One file: numba caches machine code by file, so kernels must not call into another.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy import ndarray

# Columns of `steps` and `lanes`: parts of the address, and of the place in the input (y, x).
ADDRESS, Y, X = range(3)
# Fields of `shape`: width of a fold, rows of the array, input height and width (taps beyond are
# not requested), 1 if moving, 1 if the lanes lie along the array's columns, folds of columns and of
# rows, cycles of a fold, cycle of its first read.
WIDTH, ROWS, HIGH, WIDE, MOVING, BY_COLUMN, COLUMN_FOLDS, ROW_FOLDS, CYCLES, LEAD = range(10)
NO_MISSES: Final = np.empty((0, 2), dtype=np.int64)


@njit(cache=True, nogil=True)
def is_inside(steps, lanes, t, lane, shape):  # type: ignore[no-untyped-def]
    """Whether a word lies within the input."""
    y, x = steps[t, Y] + lanes[lane, Y], steps[t, X] + lanes[lane, X]
    return y < shape[HIGH] and x < shape[WIDE]


@njit(cache=True, nogil=True)
def fetch_order(steps, lanes, shape):  # type: ignore[no-untyped-def]
    """Addresses in the order in which they are fetched from DRAM, repeats included."""
    count, width = len(steps), shape[WIDTH]
    rows = (len(lanes) + width - 1) // width * count  # folds one below the other
    out = np.empty(count * len(lanes), dtype=np.int32)
    n = 0
    for line in range(rows + width if shape[MOVING] else rows):
        first = max(0, line - rows + 1) if shape[MOVING] else 0
        for c in range(first, min(width, line + 1) if shape[MOVING] else width):
            row = line - c if shape[MOVING] else line
            t, lane = row % count, row // count * width + c
            if lane < len(lanes) and is_inside(steps, lanes, t, lane, shape):
                out[n] = steps[t, ADDRESS] + lanes[lane, ADDRESS]
                n += 1
    return out[:n]


@njit(cache=True, nogil=True)
def places(order, words_per_set, addresses):  # type: ignore[no-untyped-def]
    """Sets (pieces of the fetch order) that hold each address: starts (addresses + 1), sets."""
    starts = np.zeros(addresses + 1, dtype=np.int64)
    for address in order:
        starts[address + 1] += 1
    starts = np.cumsum(starts)
    sets, at = np.empty(len(order), dtype=np.int32), starts[:-1].copy()
    for i in range(len(order)):
        sets[at[order[i]]] = i // words_per_set
        at[order[i]] += 1
    return starts, sets


@njit(cache=True, nogil=True)
def requests(steps, lanes, shape, fold_row, lane0, width, j, out):  # type: ignore[no-untyped-def]
    """Fill `out` with the addresses the array asks for in line j of a fold; how many."""
    n = 0
    for c in range(width):
        t = j - c if shape[MOVING] else fold_row * shape[ROWS] + shape[ROWS] - 1 - j
        if t < 0 or t >= len(steps) or not is_inside(steps, lanes, t, lane0 + c, shape):
            continue
        out[n] = steps[t, ADDRESS] + lanes[lane0 + c, ADDRESS]
        n += 1
    return n


@njit(cache=True, nogil=True)
def holds(starts, sets, address, window, window_sets, all_sets):  # type: ignore[no-untyped-def]
    """Whether the sets from `window` on, round the end, hold an address."""
    for i in range(starts[address], starts[address + 1]):
        if (sets[i] - window) % all_sets < window_sets:
            return True
    return False


@njit(cache=True, nogil=True)
def lines_of(steps, lanes, shape, fold):  # type: ignore[no-untyped-def]
    """First lane, lanes and request lines of a fold, counted over the whole layer."""
    at = fold // shape[ROW_FOLDS] if shape[BY_COLUMN] else fold % shape[ROW_FOLDS]
    lane0 = shape[WIDTH] * at
    width = min(shape[WIDTH], len(lanes) - lane0)
    return lane0, width, (len(steps) + width - 1 if shape[MOVING] else shape[ROWS])


@njit(cache=True, nogil=True)
def misses(steps, lanes, shape, starts, sets, all_sets, window_sets, stride):  # type: ignore[no-untyped-def]
    """Lines at which the window has to move on, and by how many refills: (events, 2).

    The window holds `window_sets` of `all_sets` and moves on by `stride`, round and round, until
    it holds the word that is asked for.
    """
    events = np.empty((64, 2), dtype=np.int64)
    asked = np.empty(shape[WIDTH], dtype=np.int64)
    n, window = 0, 0
    for fold in range(shape[COLUMN_FOLDS] * shape[ROW_FOLDS]):
        lane0, width, lines = lines_of(steps, lanes, shape, fold)
        for j in range(lines):
            row = fold % shape[ROW_FOLDS]
            refills = 0
            for i in range(requests(steps, lanes, shape, row, lane0, width, j, asked)):
                while not holds(starts, sets, asked[i], window, window_sets, all_sets):
                    window = (window + stride) % all_sets
                    refills += 1
            if refills == 0:
                continue
            if n == len(events):
                events = np.concatenate((events, np.empty_like(events)))
            events[n] = fold * shape[CYCLES] + shape[LEAD] + j, refills
            n += 1
    return events[:n]


@njit(cache=True, nogil=True)
def touched(steps, lanes, shape, addresses, capacity):  # type: ignore[no-untyped-def]
    """Words fetched on demand into a buffer that is emptied whenever `capacity` have come."""
    generation_of = np.zeros(addresses, dtype=np.int64)
    asked = np.empty(shape[WIDTH], dtype=np.int64)
    fetched = 0
    for fold in range(shape[COLUMN_FOLDS] * shape[ROW_FOLDS]):
        lane0, width, lines = lines_of(steps, lanes, shape, fold)
        for j in range(lines):
            row = fold % shape[ROW_FOLDS]
            for i in range(requests(steps, lanes, shape, row, lane0, width, j, asked)):
                generation = fetched // capacity + 1
                if generation_of[asked[i]] != generation:
                    generation_of[asked[i]] = generation
                    fetched += 1
    return fetched


def read_misses(
    steps: ndarray, lanes: ndarray, shape: ndarray, addresses: int, words: int
) -> ndarray:
    """`misses` of a memory of `words`, SCALE-Sim's way: a hundred sets, half of them in use.

    The window moves on by what the other half holds: by less than a half where less is left.
    """
    words_per_set, half = -(-words // 100), -(-words // 2)
    window, other = -(-half // words_per_set), -(-(words - half) // words_per_set)
    if len(steps) * len(lanes) // words_per_set < window:
        return NO_MISSES
    order = fetch_order(steps, lanes, shape)
    all_sets = len(order) // words_per_set + 1
    if all_sets <= window:
        return NO_MISSES
    starts, sets = places(order, words_per_set, addresses)
    stride = min(all_sets - window, other)
    return misses(steps, lanes, shape, starts, sets, all_sets, window, stride)
