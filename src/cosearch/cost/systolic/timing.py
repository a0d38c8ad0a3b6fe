"""When refills and write-backs hold a systolic array up: SCALE-Sim's cycles, line by line.

Only this part depends on the DRAM bandwidth: the misses do not.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# Fields of `shape`: columns, folds of columns and rows, cycles of a fold, cycle of its first
# output, outputs along the columns in all, lines of outputs in all and at most in a fold, and 1 if
# the lines are cut into folds (then a short fold writes its lines last).
COLS, COLUMN_FOLDS, ROW_FOLDS, CYCLES, LEAD, LANES, LINES, FOLD_LINES, CUT = range(9)
# Fields of the output buffer's state; lines of it are a DRAM access wide.
FREE, IN_LINE, LINES_FULL, DRAINED, BUSY_UNTIL, WRITTEN, LAST = range(7)


@njit(cache=True, nogil=True)
def refill(cycle, refills, cycles_each, ready):  # type: ignore[no-untyped-def]
    """Stall of a line that waits for `refills`, and when the last is ready.

    A wait counts twice: the simulator adds it to the delay once as it is and once if positive.
    """
    delay = 1
    for _ in range(refills):
        ready += cycles_each
        wait = ready - (cycle + delay)
        delay += wait + max(wait, 0)
    return delay - 1, ready


@njit(cache=True, nogil=True)
def close_line(state, fill):  # type: ignore[no-untyped-def]
    """A partly filled line is written as it is."""
    if state[IN_LINE] == 0:
        return
    fill[state[LINES_FULL]] = state[IN_LINE]
    state[LINES_FULL] += 1
    state[IN_LINE] = 0


@njit(cache=True, nogil=True)
def drain(state, fill, line_words, half, cycle):  # type: ignore[no-untyped-def]
    """Write half of the buffer back from `cycle` on, a line a cycle.

    Of the lines that were closed early only the last counts as short.
    """
    lines = min(-(-half // line_words), state[LINES_FULL] - state[DRAINED])
    state[DRAINED] += lines
    words = (lines - 1) * line_words + fill[state[DRAINED] - 1]
    state[WRITTEN] += words
    state[FREE] += words
    state[BUSY_UNTIL] = cycle + lines - 1
    state[LAST] = max(state[LAST], state[BUSY_UNTIL])


@njit(cache=True, nogil=True)
def write(state, fill, line_words, half, threshold, cycle):  # type: ignore[no-untyped-def]
    """One word into the output buffer; the cycle at which there was room for it."""
    state[FREE] -= 1
    state[IN_LINE] += 1
    if state[IN_LINE] == line_words:
        close_line(state, fill)
    if cycle < state[BUSY_UNTIL]:
        return cycle if state[FREE] > 0 else state[BUSY_UNTIL]
    if state[FREE] < threshold:
        close_line(state, fill)
        drain(state, fill, line_words, half, cycle)
    return cycle


@njit(cache=True, nogil=True)
def outputs_in(shape, fold, j):  # type: ignore[no-untyped-def]
    """Words that leave the array in line j of a fold."""
    lanes = min(shape[COLS], shape[LANES] - fold // shape[ROW_FOLDS] * shape[COLS])
    before = fold % shape[ROW_FOLDS] * shape[FOLD_LINES] if shape[CUT] else 0
    lines = min(shape[FOLD_LINES], shape[LINES] - before)
    since = j - shape[LEAD] - (shape[FOLD_LINES] - lines)
    return max(0, min(lanes - 1, since) - max(0, since - lines + 1) + 1)


@njit(cache=True, nogil=True)
def timing(ifmap, filters, refill_cycles, shape, out_words, line_words):  # type: ignore[no-untyped-def]
    """Stall cycles, words written, cycle of the last write.

    `ifmap` and `filters` are the misses (line, refills) of the two read buffers; `refill_cycles`
    what a refill of either takes; `out_words` the size of the output buffer.
    """
    threshold = -(-out_words // 2)
    half = out_words - threshold
    folds = shape[COLUMN_FOLDS] * shape[ROW_FOLDS]
    outputs = shape[LANES] * shape[LINES] * (1 if shape[CUT] else shape[ROW_FOLDS])
    fill = np.full(outputs // line_words + outputs // max(1, half) + 64, line_words)
    state = np.zeros(7, dtype=np.int64)
    state[FREE], state[LAST] = out_words, -1
    ready, seen, wait = np.full(2, -1), np.zeros(2, dtype=np.int64), np.zeros(3, dtype=np.int64)
    stall, now = 0, 0
    for line in range(folds * shape[CYCLES]):
        cycle = now = line + stall
        wait[:] = 0
        for port, events in enumerate((ifmap, filters)):
            if seen[port] == len(events) or events[seen[port], 0] != line:
                continue
            refills = events[seen[port], 1]
            wait[port], ready[port] = refill(cycle, refills, refill_cycles[port], ready[port])
            seen[port] += 1
        for _ in range(outputs_in(shape, line // shape[CYCLES], line % shape[CYCLES])):
            now = write(state, fill, line_words, half, threshold, now)
        wait[2] = now - cycle
        stall += wait.max()
    close_line(state, fill)
    while state[DRAINED] < state[LINES_FULL]:
        drain(state, fill, line_words, half, now)
        now = state[BUSY_UNTIL] + 1
    return stall, state[WRITTEN], state[LAST]
