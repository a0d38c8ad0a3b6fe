"""Transfer: each process learns what those below it, of related problems, leave over.

Golovin et al., KDD 2017, section 3.3, but for the spread: their geometric mean of all processes'
is as sure as the base, which is sure of another problem. Here the top process, which learns how
much the base errs, says it alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.model_based.gp.model import GaussianProcess, Posterior

_MOST_TUNED: Final = 300


class Stack:
    """Gaussian processes whose means add up.

    `close` ends a problem: what is learned next goes on top of it.
    """

    def __init__(self, groups: Int[ndarray, " f"], mixed: int) -> None:
        self._columns = (groups, mixed)
        self._closed: list[GaussianProcess] = []
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
        left = y - _sum(self._closed, x)
        if self._open is None:
            self._open, tune = GaussianProcess(*self._columns), True
        if tune:
            some = np.linspace(0, len(y) - 1, min(len(y), _MOST_TUNED)).astype(np.int64)
            self._open.tune(x[some], left[some])
        self._open.condition(x, left)

    def belief(self, x: Float[ndarray, "k f"]) -> Belief:
        """What is believed of these designs."""
        *below, top = [*self._closed, *([self._open] if self._open else [])]
        return Belief(top.posterior(x), _sum(below, x))


class Belief:
    """Means and spreads of k designs."""

    def __init__(self, top: Posterior, below: Float[ndarray, " k"]) -> None:
        self._top = top
        self.mean: Float[ndarray, " k"] = below + top.mean
        self.pend = top.pend

    @property
    def spread(self) -> Float[ndarray, " k"]:
        """Standard deviations."""
        return self._top.spread


def _sum(processes: Sequence[GaussianProcess], x: Float[ndarray, "k f"]) -> Float[ndarray, " k"]:
    return sum((process.posterior(x).mean for process in processes), np.zeros(len(x)))
