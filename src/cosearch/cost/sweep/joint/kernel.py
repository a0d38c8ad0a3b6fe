"""The inner loop: one network, every chip that may yet be better than what is known."""

from __future__ import annotations

import numpy as np
from numba import njit

ROUNDING = 1e-12  # relative: what a sum in another order may differ by


@njit(cache=True, nogil=True)
def least_latency(network, on, off, energy, limits, best):  # type: ignore[no-untyped-def]
    """(latency, area, combination, setting): the first in that order of all within the limits.

    `network` = (which of the U layers each is (L,), combinations to visit, by rising bound; bound
    of each combination's latency (O,)). `on` = (layer times (O, U), memory class (O,), area (O,));
    `off` = (times (M, F, L), area (F,), rising). `energy`: see `_energy`. `limits` on area and
    energy. `best`: what to come before; returned where nobody does.
    """
    (layers, order, bound), (layer_s, memory, on_mm2), (off_s, off_mm2) = network, on, off
    most_mm2, most_j = limits
    quickest, on_s = _quickest(off_s), np.empty(len(layers))
    for o in order:
        if bound[o] * (1.0 - ROUNDING) > best[0]:
            break
        m = memory[o]
        for i in range(len(layers)):
            on_s[i] = layer_s[o, layers[i]]
        floor = latency(on_s, quickest[m], best[0])
        if floor > best[0] or energy[0][o] + energy[2][o] * floor > most_j:
            continue
        for f in range(len(off_mm2)):
            area = on_mm2[o] + off_mm2[f]
            if area > most_mm2:
                break
            time = latency(on_s, off_s[m, f], best[0])
            if time == np.inf or (time, area, o, f) >= best:
                continue
            if _energy(energy, o, m, f, time) <= most_j:
                best = (time, area, o, f)
    return best


@njit
def _quickest(off_s):  # type: ignore[no-untyped-def]
    """Each layer's least time off chip under any setting, (M, L)."""
    out = np.empty((off_s.shape[0], off_s.shape[2]))
    for m in range(off_s.shape[0]):
        for i in range(off_s.shape[2]):
            out[m, i] = off_s[m, :, i].min()
    return out


@njit(inline="always")
def latency(on_s, off_s, enough):  # type: ignore[no-untyped-def]
    """Sum over layers of the slower side; given up once above `enough`."""
    total = 0.0
    for i in range(len(on_s)):
        total += max(on_s[i], off_s[i])
        if total > enough:
            break
    return total


@njit(inline="always")
def _energy(energy, o, m, f, time):  # type: ignore[no-untyped-def]
    """Both sides' accesses, and what leaks meanwhile."""
    on_j, off_j, on_w, off_w = energy
    return on_j[o] + off_j[m, f] + (on_w[o] + off_w[f]) * time
