"""The mapper: for one layer on one chip, the best spatial unrolling and register-file tiling.

Every choice of spatial unrolling (`dataflows.DATAFLOWS`), SIMD units used (all, a half, ...),
stationarity and power-of-two tile is considered. The best is the least time, then the least
traffic, then the first. Scalar code that reads like the specification, compiled by numba.

Traffic is that between a PE's memory and its lanes. The register file of a lane holds the
stationary tile; the other operands stream past it. Lanes that read the same operand share one read.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from cosearch.cost.dataflows import (
    DATAFLOWS,
    INPUT,
    OUTPUT,
    PARTIAL_SUM_BYTES,
    WEIGHT,
    C,
    F,
    G,
    K,
    X,
    Y,
)

# Columns of the tables, in the order of the fields of `Layers` and `Accelerators`.
L_KIND, L_G, L_K, L_C, L_Y, L_X, L_IY, L_IX, L_R, L_S = range(10)
L_STRIDE, L_DILATION, L_OPERANDS, L_REPEAT = range(10, 14)
A_PX, A_PY, A_LANES, A_UNITS, A_DOT, A_RF, A_MEM = range(7)
A_INSTR, A_PARAM, A_ACT, A_BW, A_CLK, A_OPERAND = range(7, 13)

# The mapper's answer.
M_COMPUTE, M_ON_CHIP, M_READ, M_WRITTEN, M_DATAFLOW, M_STATIONARY, M_UNITS, M_K, M_C, M_Y = range(
    10
)
MAPPING_FIELDS = 10

_SPILL = 2 * PARTIAL_SUM_BYTES  # a partial sum written and read back


@njit(inline="always")
def ceil_div(a, b):  # type: ignore[no-untyped-def]
    return -(-a // b)


@njit(inline="always")
def reach(taps, dilation):  # type: ignore[no-untyped-def]
    """Input rows (or columns) a window spans; those between dilated taps are fetched with them."""
    return (taps - 1) * dilation + 1


@njit
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
    tile = min(step, extent)
    if unit * tile > capacity:
        return 0
    while tile < extent and unit * min(2 * tile, extent) <= capacity:
        tile = min(2 * tile, extent)
    return tile


@njit
def spatial(layer, chip, row, units, extent, inner):  # type: ignore[no-untyped-def]
    """Fill per-lane `extent` and in-lane `inner` of each dimension; return compute cycles."""
    extent[G], extent[K], extent[C] = layer[L_G], layer[L_K], layer[L_C]
    extent[Y], extent[X], extent[F] = layer[L_Y], layer[L_X], layer[L_R] * layer[L_S]
    inner[:] = 1
    inner[row[0]] *= chip[A_DOT]
    inner[row[1]] *= units
    for level, size in ((3, chip[A_PX]), (4, chip[A_PY]), (2, chip[A_LANES])):
        extent[row[level]] = ceil_div(extent[row[level]], size)
    cycles = 1
    for d in range(6):
        cycles *= ceil_div(extent[d], inner[d])
    return cycles


@njit
def active(layer, chip, row, extent):  # type: ignore[no-untyped-def]
    """(lanes of a PE, PEs) that have work, from the per-lane extents."""
    whole = (layer[L_G], layer[L_K], layer[L_C], layer[L_Y], layer[L_X], layer[L_R] * layer[L_S])
    per_pe = whole[row[2]]
    if row[3] == row[2]:
        per_pe = ceil_div(per_pe, chip[A_PX])
    if row[4] == row[2]:
        per_pe = ceil_div(per_pe, chip[A_PY])
    lanes = ceil_div(per_pe, extent[row[2]])
    across = 1
    for d in (G, K, Y, X):
        share = lanes * extent[d] if d == row[2] else extent[d]
        across *= max(1, ceil_div(whole[d], share))
    return lanes, min(across, chip[A_PX] * chip[A_PY])


@njit
def tilings(layer, rf, extent, inner, lanes, row, best):  # type: ignore[no-untyped-def]
    """Least traffic over the register-file tilings of one unrolling.

    Writes (read, written, stationary, k, c, y) of one PE into `best`; read < 0 if none fits.
    """
    g, k, c, y, x, f = extent[G], extent[K], extent[C], extent[Y], extent[X], extent[F]
    taps, stride = reach(layer[L_R], layer[L_DILATION]), layer[L_STRIDE]
    columns = touched(x, stride, reach(layer[L_S], layer[L_DILATION]))
    per_row = g * c * columns
    shared_weights = lanes if row[2] == K or row[2] == G else 1
    shared_inputs = lanes if row[2] == G or row[2] == Y else 1
    weights = g * k * c * f * shared_weights
    outputs = g * k * y * x * lanes
    inputs = per_row * rows_read(y, y, stride, taps) * shared_inputs
    held = min(inner[G], g)  # groups worked on at once share the register file
    best[0] = -1
    kt = min(inner[K], k)
    while True:
        # weight-stationary: a k x c tile of weights stays, pixels stream past
        ct = largest_tile(inner[C], c, held * kt * f, rf)
        if ct:
            spills = outputs * (ceil_div(c, ct) - 1) * PARTIAL_SUM_BYTES
            read = weights + inputs * ceil_div(k, kt) + spills
            keep(best, read, outputs + spills, WEIGHT, kt, ct, y)
        # output-stationary: a k x rows tile of partial sums stays
        yt = largest_tile(1, y, held * kt * x * PARTIAL_SUM_BYTES, rf)
        if yt:
            again = per_row * rows_read(y, yt, stride, taps) * shared_inputs
            read = weights * ceil_div(y, yt) + again * ceil_div(k, kt)
            keep(best, read, outputs, OUTPUT, kt, c, yt)
        if kt == k:
            break
        kt = min(2 * kt, k)
    yt = 1
    while True:
        # input-stationary: a c x rows tile of inputs stays
        ct = largest_tile(inner[C], c, held * columns * touched(yt, stride, taps), rf)
        if ct:
            spills = outputs * (ceil_div(c, ct) - 1) * PARTIAL_SUM_BYTES
            again = per_row * rows_read(y, yt, stride, taps) * shared_inputs
            read = weights * ceil_div(y, yt) + again + spills
            keep(best, read, outputs + spills, INPUT, k, ct, yt)
        if yt == y:
            break
        yt = min(2 * yt, y)


@njit
def keep(best, read, written, stationary, k, c, y):  # type: ignore[no-untyped-def]
    """Remember a tiling if it moves less."""
    if best[0] >= 0 and read + written >= best[0] + best[1]:
        return
    best[0], best[1], best[2], best[3], best[4], best[5] = read, written, stationary, k, c, y


@njit
def map_layer(layer, chip, answer):  # type: ignore[no-untyped-def]
    """Best mapping of a MAC row into `answer` (see M_*); False if none fits the register file.

    Cycles and bytes are of one inference and one repeat; bytes are of all PEs together.
    """
    extent = np.empty(6, dtype=np.int64)
    inner = np.empty(6, dtype=np.int64)
    tiling = np.empty(6, dtype=np.int64)
    port = chip[A_LANES] * chip[A_UNITS]  # bytes a PE memory feeds its lanes in a cycle
    best_time, best_bytes = np.int64(2**62), np.int64(2**62)
    found = False
    grouped, single = layer[L_G] > 1, layer[L_K] == 1
    work = layer[L_G] * layer[L_K] * layer[L_C] * layer[L_Y] * layer[L_X] * layer[L_R] * layer[L_S]
    ways = chip[A_PX] * chip[A_PY] * chip[A_LANES] * chip[A_DOT]
    units = chip[A_UNITS]
    # fewer units can only help where the register file is short; stop once the bare work is slower
    while units >= 1 and ceil_div(work, ways * units) <= best_time:
        for index in range(len(DATAFLOWS)):
            row = DATAFLOWS[index]
            uses_groups = index >= 32
            if (uses_groups and not grouped) or (not uses_groups and grouped and single):
                continue
            compute = spatial(layer, chip, row, units, extent, inner)
            if compute > best_time:
                continue
            lanes, pes = active(layer, chip, row, extent)
            tilings(layer, chip[A_RF], extent, inner, lanes, row, tiling)
            if tiling[0] < 0:
                continue
            on_chip = ceil_div(tiling[0] + tiling[1], port)
            time, moved = max(compute, on_chip), (tiling[0] + tiling[1]) * pes
            if time > best_time or (time == best_time and moved >= best_bytes):
                continue
            best_time, best_bytes, found = time, moved, True
            answer[M_COMPUTE], answer[M_ON_CHIP] = compute, on_chip
            answer[M_READ], answer[M_WRITTEN] = tiling[0] * pes, tiling[1] * pes
            answer[M_DATAFLOW], answer[M_STATIONARY], answer[M_UNITS] = index, tiling[2], units
            answer[M_K], answer[M_C], answer[M_Y] = tiling[3], tiling[4], tiling[5]
        units //= 2
    return found
