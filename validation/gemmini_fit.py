"""Fit Gemmini's five times to measured rows: robust least squares of the logarithms."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

import numpy as np

from cosearch.cost.gemmini.model import Work, cycles
from cosearch.hardware.gemmini import FITTED, Gemmini

# Where the search starts, and what it leans to, weakly, where the rows do not say.
GUESS = {
    "request_cycles": 2.0,
    "miss_cycles": 1.0,
    "dram_cycles": 10.0,
    "write_cycles": 4.0,
    "pair_cycles": 8.0,
}
LEANING = 0.2
OUTLIER = 0.15  # log ratio from which a row counts less than by its square


def fit(done: Work, measured: np.ndarray, device: Gemmini) -> Gemmini:
    """The device with its times fitted to these rows."""
    from scipy.optimize import least_squares

    guess = np.log([GUESS[name] for name in FITTED])

    def misfit(times: np.ndarray) -> np.ndarray:
        ratio = np.log(cycles(done, with_times(device, times)).total / measured)
        return np.concatenate([ratio, LEANING * (times - guess)])

    found = least_squares(misfit, guess, loss="soft_l1", f_scale=OUTLIER)
    return with_times(device, found.x)


def with_times(device: Gemmini, log_times: np.ndarray) -> Gemmini:
    """The device with other times, given as logarithms."""
    return replace(device, **dict(zip(FITTED, np.exp(log_times).tolist(), strict=True)))


def thirds(problems: np.ndarray, seed: int) -> np.ndarray:
    """Third 0, 1 or 2 of each row: problems by turns, in the order of a hash with the seed."""
    names, which = np.unique(problems, return_inverse=True)
    marks = [blake2b(f"{seed} {name}".encode(), digest_size=8).digest() for name in names]
    turn = np.empty(len(names), dtype=int)
    turn[sorted(range(len(names)), key=marks.__getitem__)] = np.arange(len(names)) % 3
    return turn[which]
