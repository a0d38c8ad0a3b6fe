"""The mapper: for one layer on one chip, the best spatial unrolling and core-memory tiling.

Every choice of spatial unrolling (`dataflows.DATAFLOWS`), lanes used (all, a half, ...), cores that
share rows (any number), stationarity and power-of-two tile is considered. The best is the least
time, then the least traffic, then the least written, then the first. Scalar code that reads like
the specification, compiled by numba; what cannot beat the best so far is passed over, never
approximated.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from cosearch.cost.edge.dataflows import (
    ACROSS_CORES,
    ACROSS_PES,
    CORE,
    DATAFLOWS,
    FIRST,
    FIRST_ENDS,
    FIRST_OF,
    GROUPED,
    LANE,
    MASKS,
    OCCUR,
    OCCURRING,
    SECOND,
    SECOND_ENDS,
    SECOND_OF,
    SIMD,
    C,
    F,
    G,
    K,
    X,
    Y,
)
from cosearch.cost.edge.layer_bytes import L_C, L_G, L_K, L_R, L_S, L_X, L_Y, ceil_div
from cosearch.cost.edge.tilings import T_READ, T_STATIONARY, T_WRITTEN, least_traffic, tilings

# Columns of the table of chips, in the order of the fields of `Accelerators`.
A_PX, A_PY, A_CORES, A_LANES, A_SIMD, A_CORE_MEMORY, A_MEMORY = range(7)
A_INSTRUCTION, A_PARAMETER, A_ACTIVATION, A_BANDWIDTH, A_CLOCK, A_OPERAND = range(7, 13)

# The mapper's answer. Cycles and bytes are of one inference and one repeat, bytes of all PEs.
M_COMPUTE, M_ON_CHIP, M_READ, M_WRITTEN = range(4)
M_DATAFLOW, M_LANES, M_CORES, M_STATIONARY, M_K, M_C, M_Y, M_HELD = range(4, 12)
MAPPING_FIELDS = 12

_NEVER = 2**62
_IN_CORE = (1 << SIMD) | (1 << LANE)


@njit
def workspace():  # type: ignore[no-untyped-def]
    """Scratch for `map_layer`, made once: allocating it per layer would cost as much as mapping."""
    six = (
        np.empty(6, dtype=np.int64),  # size of each dimension
        np.empty(6, dtype=np.int64),  # of which one core has
        np.empty(6, dtype=np.int64),  # of which its lanes take at once
    )
    return (
        *six,
        np.empty(32, dtype=np.int64),  # product of the array's sizes, by mask of levels
        np.empty((6, 32), dtype=np.int64),  # steps along a dimension, by mask of levels
        np.empty((2, len(FIRST) + len(SECOND)), dtype=np.int64),  # factors of the cycles
        np.empty(len(DATAFLOWS), dtype=np.int64),  # cycles
        np.empty(7, dtype=np.int64),  # a tiling
    )


@njit
def map_layer(layer, chip, work, answer):  # type: ignore[no-untyped-def]
    """Best mapping of a MAC row into `answer` (see M_*); False if none fits the core memory."""
    size, extent, inner, product, parts, halves, cycles, tiling = work
    size[G], size[K], size[C] = layer[L_G], layer[L_K], layer[L_C]
    size[Y], size[X], size[F] = layer[L_Y], layer[L_X], layer[L_R] * layer[L_S]
    first = GROUPED if size[G] > 1 and size[K] == 1 else 0
    last = len(DATAFLOWS) if size[G] > 1 else GROUPED
    macs = size[G] * size[K] * size[C] * size[Y] * size[X] * size[F]
    elsewhere = chip[A_PX] * chip[A_PY] * chip[A_CORES] * chip[A_SIMD]
    port = chip[A_CORES] * chip[A_LANES] * chip[A_OPERAND]  # bytes a PE memory moves in a cycle
    capacity = chip[A_CORE_MEMORY] // 2  # the other half is filled with the next tile
    best_time, best_bytes, best_written = _NEVER, _NEVER, _NEVER
    lanes = chip[A_LANES]
    # fewer lanes can only help where the core memory is short; stop once the bare work is slower
    short = True
    while short and lanes >= 1 and ceil_div(macs, elsewhere * lanes) <= best_time:
        short = False
        products(chip, lanes, product)
        least = unroll(size, product, parts, halves, cycles, first, last)
        for turn in range(2):  # the fastest unrollings first: they rule out most others, or all
            if turn == 1 and best_time <= least:
                break
            for row in range(first, last):
                if (cycles[row] == least) != (turn == 0) or cycles[row] > best_time:
                    continue
                pes, share, cores = place(size, row, product, parts, extent, inner)
                reduced = sums_cross_pes(row, size, parts)
                shared = DATAFLOWS[row, CORE]
                steps = cycles[row] // extent[Y]  # all others; rows are walked one by one
                while steps * extent[Y] <= best_time:
                    compute = steps * extent[Y]
                    read, written = least_traffic(
                        layer, chip[A_OPERAND], extent, cores, shared, reduced
                    )
                    time = max(compute, ceil_div(read + written, port))
                    if better(time, read, written, pes, best_time, best_bytes, best_written):
                        tilings(
                            layer, chip[A_OPERAND], capacity, extent, inner, cores, shared,
                            reduced, tiling,
                        )  # fmt: skip
                        short |= tiling[T_READ] != read or tiling[T_WRITTEN] != written
                        read, written = tiling[T_READ], tiling[T_WRITTEN]
                        on_chip = ceil_div(read + written, port)
                        time = max(compute, on_chip)
                        if read >= 0 and better(
                            time, read, written, pes, best_time, best_bytes, best_written
                        ):
                            best_time = time
                            best_bytes, best_written = (read + written) * pes, written * pes
                            answer[M_COMPUTE], answer[M_ON_CHIP] = compute, on_chip
                            answer[M_READ], answer[M_WRITTEN] = read * pes, written * pes
                            answer[M_DATAFLOW], answer[M_LANES], answer[M_CORES] = row, lanes, cores
                            for i in range(5):
                                answer[M_STATIONARY + i] = tiling[T_STATIONARY + i]
                    # fewer cores fetch fewer halos
                    if shared != Y or cores == 1:
                        break
                    extent[Y] = ceil_div(share, cores - 1)
                    cores = ceil_div(share, extent[Y])
        lanes //= 2
    return best_time < _NEVER


@njit(inline="always")
def better(time, read, written, pes, best_time, best_bytes, best_written):  # type: ignore[no-untyped-def]
    """Whether a mapping (or a bound no mapping of its kind can pass) beats the best so far."""
    if time != best_time:
        return time < best_time
    if (read + written) * pes != best_bytes:
        return (read + written) * pes < best_bytes
    return written * pes < best_written


@njit
def products(chip, lanes, product):  # type: ignore[no-untyped-def]
    """`product[mask]`: how many ways the levels in `mask` split a dimension together."""
    levels = (chip[A_SIMD], lanes, chip[A_CORES], chip[A_PX], chip[A_PY])
    product[0] = 1
    bit = 1
    for i in range(5):
        for mask in range(bit):
            product[bit + mask] = product[mask] * levels[i]
        bit *= 2


@njit
def unroll(size, product, parts, halves, cycles, first, last):  # type: ignore[no-untyped-def]
    """Compute cycles of each row of `DATAFLOWS` from `first` to `last`; return the least.

    Edge tiles count as whole ones: a dimension takes ceil(size / ways) steps.
    """
    for d in range(6):
        for i in range(OCCURRING[d]):
            mask = OCCUR[d, i]
            parts[d, mask] = ceil_div(size[d], product[mask]) if size[d] > 1 else 1
    for i in range(FIRST_ENDS[0] if first else 0, FIRST_ENDS[1 if last > GROUPED else 0]):
        halves[0, i] = parts[G, FIRST[i, 0]] * parts[K, FIRST[i, 1]] * parts[X, FIRST[i, 2]]
    for i in range(SECOND_ENDS[0] if first else 0, SECOND_ENDS[1 if last > GROUPED else 0]):
        halves[1, i] = parts[Y, SECOND[i, 0]] * parts[C, SECOND[i, 1]] * parts[F, SECOND[i, 2]]
    least = np.int64(_NEVER)
    for row in range(first, last):
        cycles[row] = halves[0, FIRST_OF[row]] * halves[1, SECOND_OF[row]]
        least = min(least, cycles[row])
    return least


@njit
def place(size, row, product, parts, extent, inner):  # type: ignore[no-untyped-def]
    """Fill what one core has of each dimension and takes at once.

    Return (PEs with work, what a PE has of the dimension its cores share out, cores with work).
    """
    pes = np.int64(1)
    for d in range(6):
        mask = MASKS[row, d]
        extent[d] = parts[d, mask & ACROSS_CORES]
        inner[d] = product[mask & _IN_CORE]
        if mask & ACROSS_PES:
            pes *= ceil_div(size[d], parts[d, mask & ACROSS_PES])
    d = DATAFLOWS[row, CORE]
    share = parts[d, MASKS[row, d] & ACROSS_PES]
    return pes, share, ceil_div(share, extent[d])


@njit
def sums_cross_pes(row, size, parts):  # type: ignore[no-untyped-def]
    """Whether several PEs hold partial sums of the same outputs."""
    over_channels = parts[C, MASKS[row, C] & ACROSS_PES] < size[C]
    return over_channels or parts[F, MASKS[row, F] & ACROSS_PES] < size[F]
