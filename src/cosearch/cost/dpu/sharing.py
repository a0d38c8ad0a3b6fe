"""Cores that share one DRAM, as a closed queue: mean value analysis (Reiser and Lavenberg 1980)."""

from __future__ import annotations

import numpy as np
from numpy import ndarray


def others_met(alone_s: ndarray, dram_s: ndarray, cores: ndarray) -> ndarray:
    """How many other cores a core finds at the DRAM on average, shape (...) of the broadcast.

    Each core takes `alone_s` for a pass, `dram_s` of it in the DRAM or hidden behind an engine;
    with others about, each access lasts (1 + others) times as long. All cores run the same network.
    """
    met = np.zeros(np.broadcast_shapes(alone_s.shape, dram_s.shape, cores.shape))
    for running in range(1, int(cores.max(initial=1))):
        pass_s = alone_s + dram_s * met
        there = running * dram_s * (1 + met)
        more = np.divide(there, pass_s, out=np.zeros_like(met), where=pass_s > 0)
        met = np.where(running < cores, more, met)
    return met
