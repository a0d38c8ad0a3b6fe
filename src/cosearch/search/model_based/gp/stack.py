"""Transfer: each process learns what those below it, of related problems, leave over.

Golovin et al., KDD 2017, section 3.3; the shares are those of OSS Vizier.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.model_based.gp.model import GaussianProcess, Posterior

_MOST_TUNED: Final = 300


class Stack:
    """Gaussian processes; the mean is the sum of theirs, the spread a geometric mean.

    `close` ends a problem: what is learned next goes on top of it.
    """

    def __init__(self, groups: Int[ndarray, " f"], mixed: int) -> None:
        self._columns = (groups, mixed)
        self._closed: list[GaussianProcess] = []
        self._sizes: list[int] = []  # designs of each, the open one's last
        self._open: GaussianProcess | None = None

    def __len__(self) -> int:
        return len(self._closed) + (self._open is not None)

    def close(self) -> None:
        """End a problem."""
        if self._open is not None:
            self._closed.append(self._open)
        self._open = None

    def learn(self, x: Float[ndarray, "n f"], y: Float[ndarray, " n"], tune: bool) -> None:
        """Give the top process its data; fit its hyperparameters first if `tune`, or if it is new.

        They are fitted to at most 300 designs, evenly taken: they need no more.
        """
        left = y - sum((process.posterior(x).mean for process in self._closed), np.zeros(len(x)))
        if self._open is None:
            self._open, tune = GaussianProcess(*self._columns), True
        if tune:
            some = np.linspace(0, len(y) - 1, min(len(y), _MOST_TUNED)).astype(np.int64)
            self._open.tune(x[some], left[some])
        self._sizes = [*self._sizes[: len(self._closed)], len(y)]
        self._open.condition(x, left)

    def belief(self, x: Float[ndarray, "k f"]) -> Belief:
        """What is believed of these designs."""
        processes = [*self._closed, *([self._open] if self._open else [])]
        *below, top = [process.posterior(x) for process in processes]
        mean, spread, share = np.zeros(len(x)), np.ones(len(x)), 1.0
        for i, posterior in enumerate(below):
            mean = mean + posterior.mean
            spread = posterior.spread**share * spread ** (1.0 - share)
            share = share_above(self._sizes[i + 1], self._sizes[i], processes[0].hyperparameters)
        return Belief(top, mean, spread, share)


class Belief:
    """Means and spreads of k designs; pending ones count in the top process alone."""

    def __init__(self, top: Posterior, mean: ndarray, spread: ndarray, share: float) -> None:
        self._top, self._below, self._share = top, spread, share
        self.mean: Float[ndarray, " k"] = mean + top.mean
        self.pend = top.pend

    @property
    def spread(self) -> Float[ndarray, " k"]:
        """Standard deviations."""
        return self._top.spread**self._share * self._below ** (1.0 - self._share)


def share_above(above: int, below: int, count: int) -> float:
    """Weight of the upper process's spread, of the designs and hyperparameters of both."""
    own, base = _freedom(above, count), _freedom(below, count)
    odds = own / base * (2.0 + base)
    return odds / (1.0 + odds)


def _freedom(designs: int, count: int) -> float:
    return max(float(designs - count), designs / (1.0 + count))
