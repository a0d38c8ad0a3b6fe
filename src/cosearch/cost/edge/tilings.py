"""Core-memory tilings of one spatial unrolling: which tile stays, and what moves for it.

Traffic is that between a PE's memory and its cores. The memory of a core holds the stationary
tile, twice over (double buffering); the other operands stream past it:

    stationary  held                   loops        moved again
    weight      k x c filters          k, c, rows   inputs for each k tile and filter row,
                                                    sums for each c tile
    row         as weight, with the    k, c, rows   inputs for each k tile, sums for each c tile
                window's rows of
                inputs, a row of sums
    output      k x rows of sums       k, rows, c   weights for each row tile,
                                                    inputs for each k tile, their halo
    input       c x rows of inputs     rows, c, k   weights for each row tile, halo of inputs,
                                                    sums for each c tile
"""

from __future__ import annotations

from numba import njit

from cosearch.cost.edge.dataflows import (
    INPUT,
    OUTPUT,
    PARTIAL_SUM_BYTES,
    ROW,
    WEIGHT,
    C,
    F,
    G,
    K,
    X,
    Y,
)
from cosearch.cost.edge.layer_bytes import (
    L_DILATION,
    L_R,
    L_S,
    L_STRIDE,
    ceil_div,
    largest_tile,
    reach,
    rows_read,
    touched,
)

# A tiling: bytes of one PE, which operand stays, tile sizes, bytes held in a core (once).
T_READ, T_WRITTEN, T_STATIONARY, T_K, T_C, T_Y, T_HELD = range(7)


@njit
def multicast(cores, shared):  # type: ignore[no-untyped-def]
    """(weights, inputs, outputs): how many cores of a PE have their own, not a shared copy."""
    weights = cores if shared in (K, G, C) else 1
    inputs = cores if shared in (G, Y, C) else 1
    outputs = 1 if shared == C else cores  # an adder tree sums over the cores
    return weights, inputs, outputs


@njit
def least_traffic(layer, operand, extent, cores, shared, reduced):  # type: ignore[no-untyped-def]
    """(read, written) bytes of one PE if every operand moved once: no tiling can do with less."""
    g, k, c = extent[G], extent[K], extent[C]
    y, x, f = extent[Y], extent[X], extent[F]
    stride, taps = layer[L_STRIDE], reach(layer[L_R], layer[L_DILATION])
    columns = touched(x, stride, reach(layer[L_S], layer[L_DILATION]))
    own_weights, own_inputs, own_outputs = multicast(cores, shared)
    weights = g * k * c * f * operand * own_weights
    inputs = g * c * columns * rows_read(y, y, stride, taps) * operand * own_inputs
    outputs = g * k * y * x * own_outputs
    return weights + inputs + back(outputs, reduced), final(outputs, operand, reduced)


@njit(inline="always")
def final(outputs, operand, reduced):  # type: ignore[no-untyped-def]
    """Bytes of finished outputs written; partial ones where other PEs have a share."""
    return outputs * (PARTIAL_SUM_BYTES if reduced else operand)


@njit(inline="always")
def back(outputs, reduced):  # type: ignore[no-untyped-def]
    """Bytes of the other PEs' partial sums read to be added."""
    return outputs * PARTIAL_SUM_BYTES if reduced else 0


@njit
def tilings(layer, operand, capacity, extent, inner, cores, shared, reduced, best):  # type: ignore[no-untyped-def]
    """Least traffic over the tilings of one unrolling into `best` (see T_*); read < 0 if none fits.

    `capacity` is what a core may hold at once, bytes.
    """
    g, k, c = extent[G], extent[K], extent[C]
    y, x, f = extent[Y], extent[X], extent[F]
    stride, taps = layer[L_STRIDE], reach(layer[L_R], layer[L_DILATION])
    columns = touched(x, stride, reach(layer[L_S], layer[L_DILATION]))
    own_weights, own_inputs, own_outputs = multicast(cores, shared)
    weights = g * k * c * f * operand * own_weights
    a_row = g * c * columns * operand * own_inputs
    outputs = g * k * y * x * own_outputs
    done, others = final(outputs, operand, reduced), back(outputs, reduced)
    spill = outputs * PARTIAL_SUM_BYTES  # written, and read back, once more for each c tile
    once, singly = rows_read(y, y, stride, taps), rows_read(y, 1, stride, taps)
    held = min(inner[G], g)  # groups worked on at once share the core memory
    window = taps * columns * operand
    once_each = weights + a_row * once + others  # nothing moves twice, so nothing spills either
    best[T_READ] = -1
    kt = k
    while True:
        passes = ceil_div(k, kt)
        filters, sums = kt * f * operand, kt * x * PARTIAL_SUM_BYTES
        ct = largest_tile(inner[C], c, held * filters, capacity)
        if ct:
            again = spill * (ceil_div(c, ct) - 1)
            read = weights + a_row * singly * passes + again + others
            keep(best, read, done + again, WEIGHT, kt, ct, y, held * filters * ct)
        ct = largest_tile(inner[C], c, held * (filters + window), capacity - held * sums)
        if ct:
            again = spill * (ceil_div(c, ct) - 1)
            read = weights + a_row * once * passes + again + others
            bytes_held = held * ((filters + window) * ct + sums)
            keep(best, read, done + again, ROW, kt, ct, y, bytes_held)
        complete = ct == c
        yt = largest_tile(1, y, held * sums, capacity)
        if yt:
            rows = rows_read(y, yt, stride, taps)
            read = weights * ceil_div(y, yt) + a_row * rows * passes + others
            keep(best, read, done, OUTPUT, kt, c, yt, held * sums * yt)
        # with another dimension whole, a smaller k tile only passes inputs more often
        if complete or yt == y or kt <= inner[K] or best[T_READ] == once_each:
            break
        kt = next_smaller(kt, inner[K], k)
    yt = y
    while best[T_READ] != once_each:  # no tiling can do with less
        # rows of inputs stay for all output channels
        window_rows = touched(yt, stride, taps)
        ct = largest_tile(inner[C], c, held * columns * window_rows * operand, capacity)
        if ct:
            again = spill * (ceil_div(c, ct) - 1)
            rows = rows_read(y, yt, stride, taps)
            read = weights * ceil_div(y, yt) + a_row * rows + again + others
            bytes_held = held * columns * window_rows * operand * ct
            keep(best, read, done + again, INPUT, k, ct, yt, bytes_held)
        if yt == 1 or ct == c:
            return
        yt = next_smaller(yt, 1, y)


@njit
def next_smaller(tile, step, extent):  # type: ignore[no-untyped-def]
    """The size before `tile` in step, 2 step, 4 step, ..., extent."""
    smaller = step
    while 2 * smaller < tile:
        smaller *= 2
    return min(smaller, extent)


@njit(inline="always")
def keep(best, read, written, stationary, k, c, y, held):  # type: ignore[no-untyped-def]
    """Remember a tiling if it moves less, or as much and writes less."""
    if best[T_READ] >= 0:
        more = read + written - best[T_READ] - best[T_WRITTEN]
        if more > 0 or (more == 0 and written >= best[T_WRITTEN]):
            return
    best[T_READ], best[T_WRITTEN], best[T_STATIONARY] = read, written, stationary
    best[T_K], best[T_C], best[T_Y], best[T_HELD] = k, c, y, held
