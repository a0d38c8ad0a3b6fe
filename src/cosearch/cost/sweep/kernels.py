"""The sweep's inner loops over a tile: T on-chip combinations with all off-chip settings.

Compiled. Sums of comparisons rather than minima: those LLVM turns into vector instructions, and
what it could not is left to the few rows that hold something better than what is known.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_BLOCK = 280  # off-chip settings at a time: their times for all layers stay in the L2 cache


@njit(cache=True, nogil=True)
def latency_tile(on_s, rows, off_s, out):  # type: ignore[no-untyped-def]
    """out[t, f] = sum over l of max(on_s[rows[t], l], off_s[l, f]), in the order of l.

    `on_s` and `off_s` hold all repeats of a layer; L is a multiple of 8: so many are added up
    between reading a total and writing it back.
    """
    layers, settings = off_s.shape
    for start in range(0, settings, _BLOCK):
        end = min(start + _BLOCK, settings)
        for t in range(len(rows)):
            on, total = on_s[rows[t]], out[t, start:end]
            total[:] = 0.0
            for i in range(0, layers, 8):
                on0, on1, on2, on3 = on[i], on[i + 1], on[i + 2], on[i + 3]
                on4, on5, on6, on7 = on[i + 4], on[i + 5], on[i + 6], on[i + 7]
                off0, off1 = off_s[i, start:end], off_s[i + 1, start:end]
                off2, off3 = off_s[i + 2, start:end], off_s[i + 3, start:end]
                off4, off5 = off_s[i + 4, start:end], off_s[i + 5, start:end]
                off6, off7 = off_s[i + 6, start:end], off_s[i + 7, start:end]
                for f in range(end - start):
                    time = total[f]
                    time += on0 if on0 > off0[f] else off0[f]
                    time += on1 if on1 > off1[f] else off1[f]
                    time += on2 if on2 > off2[f] else off2[f]
                    time += on3 if on3 > off3[f] else off3[f]
                    time += on4 if on4 > off4[f] else off4[f]
                    time += on5 if on5 > off5[f] else off5[f]
                    time += on6 if on6 > off6[f] else off6[f]
                    time += on7 if on7 > off7[f] else off7[f]
                    total[f] = time


@njit(cache=True, nogil=True)
def energy_tile(on_j, off_j, on_w, off_w, latency, out):  # type: ignore[no-untyped-def]
    """out[t, f]: accesses of both sides, and leakage while it runs; inf where it cannot run."""
    for t in range(len(on_j)):
        for f in range(len(off_j)):
            time = latency[t, f]
            used = on_j[t] + off_j[f] + (on_w[t] + off_w[f]) * time
            out[t, f] = used if time < np.inf else np.inf


@njit(cache=True, nogil=True)
def meeting(loss, measured, limits, bar, designs, out, out_design):  # type: ignore[no-untyped-def]
    """(designs within the limits, how many of them are listed): those better than the bar.

    `measured` = (slowest latency, highest energy, on-chip area, off-chip area); `limits` on
    latency, energy, area; `bar` = (loss, design): ties go to the lower design.
    """
    slowest, highest, on_area, off_area = measured
    most_s, most_j, most_mm2 = limits
    met, listed = 0, 0
    for t in range(len(on_area)):
        better = 0
        area = on_area[t]
        for f in range(len(off_area)):
            fits = (slowest[t, f] <= most_s) & (highest[t, f] <= most_j)
            fits &= area + off_area[f] <= most_mm2
            met += int(fits)
            better += int(fits & (loss[t, f] <= bar[0]))
        if better == 0:
            continue
        for f in range(len(off_area)):
            value, design = loss[t, f], designs[t] + f
            if value > bar[0] or (value == bar[0] and design >= bar[1]):
                continue
            fits = (slowest[t, f] <= most_s) & (highest[t, f] <= most_j)
            if fits & (area + off_area[f] <= most_mm2):
                out[listed], out_design[listed] = value, design
                listed += 1
    return met, listed


@njit(inline="always")
def _excess(latency, energy, area, limits):  # type: ignore[no-untyped-def]
    excess = max(latency / limits[0] - 1.0, 0.0) + max(energy / limits[1] - 1.0, 0.0)
    return excess + max(area / limits[2] - 1.0, 0.0)


@njit(cache=True, nogil=True)
def violation(measured, limits, designs, bar):  # type: ignore[no-untyped-def]
    """(least sum of relative excesses over the limits, its design) of those that can run.

    Only what is better than the bar (excess, design) counts.
    """
    slowest, highest, on_area, off_area = measured
    least, best = bar
    for t in range(len(on_area)):
        better = 0
        for f in range(len(off_area)):
            excess = _excess(slowest[t, f], highest[t, f], on_area[t] + off_area[f], limits)
            better += int(excess <= least)
        if better == 0:
            continue
        for f in range(len(off_area)):
            excess = _excess(slowest[t, f], highest[t, f], on_area[t] + off_area[f], limits)
            design = designs[t] + f
            if slowest[t, f] < np.inf and (excess, design) < (least, best):
                least, best = excess, design
    return least, best


@njit(inline="always")
def bin_of(value, scale, bins):  # type: ignore[no-untyped-def]
    """The bin of a number >= 0: equal steps of its bit pattern, so nearly logarithmic."""
    index = (np.float64(value).view(np.int64) >> scale[0]) - scale[1]
    return min(max(index, 0), bins - 1)


@njit(cache=True, nogil=True)
def beyond(measured, least_j, bars, scales, designs, out, out_design):  # type: ignore[no-untyped-def]
    """How many are listed: all but those that a known design surely dominates.

    `measured` = (latency, energy, on-chip area, off-chip area), `least_j` (T,) at most a row's
    energies. `bars[i, j]`: the least latency known in lower bins of area (and of energy, if j
    has a range).
    """
    latency, energy, on_area, off_area = measured
    rows, columns = bars.shape
    smallest = np.inf
    for f in range(len(off_area)):
        smallest = min(smallest, off_area[f])
    listed = 0
    for t in range(len(on_area)):
        i = bin_of(on_area[t] + smallest, scales[0], rows)
        bar = bars[i, bin_of(least_j[t], scales[1], columns)]
        better = 0
        for f in range(len(off_area)):
            better += int(latency[t, f] < bar)
        if better == 0:
            continue
        for f in range(len(off_area)):
            area = on_area[t] + off_area[f]
            i, j = bin_of(area, scales[0], rows), bin_of(energy[t, f], scales[1], columns)
            if latency[t, f] < bars[i, j]:
                out[listed, 0], out[listed, 1], out[listed, 2] = area, latency[t, f], energy[t, f]
                out_design[listed] = designs[t] + f
                listed += 1
    return listed
