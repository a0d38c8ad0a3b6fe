"""Transfer: which problem a design was tried in is one more column of one process.

Bonilla et al., NIPS 2007, and Swersky et al., NIPS 2013, with correlations from 0 to 1. Processes
of residuals, one on top of another (Golovin et al., KDD 2017, section 3.3), take what is believed
of a related problem for certain.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.model_based.gp.model import GaussianProcess, Posterior

_MOST_TUNED: Final = 300

Rows = tuple[Float[ndarray, "n f"], Float[ndarray, " n"]]  # columns, targets


class MultiTaskProcess:
    """A Gaussian process of one figure in several problems; how alike these are is learned.

    `close` ends a problem: what is learned next is of another. With `levels` each problem has its
    own level, and only how its designs compare is shared.
    """

    def __init__(self, groups: Int[ndarray, " f"], mixed: int, *, levels: bool) -> None:
        self._groups, self._mixed = groups, mixed
        self._levels = levels
        self._closed: list[Rows] = []  # targets less their level
        self._open: Rows | None = None
        self._level = 0.0  # of the open problem
        self._process: GaussianProcess | None = None

    def __len__(self) -> int:
        return len(self._closed) + (self._open is not None)

    def close(self) -> None:
        """End a problem."""
        if self._open is None:
            return
        x, y = self._open
        first = self._levels and not self._closed
        self._closed.append((x, y - (y.mean() if first else self._level)))
        self._open, self._level = None, 0.0
        tasks = self._groups.max() + 1 + np.arange(len(self._closed))
        self._process = GaussianProcess(np.concatenate([self._groups, tasks]), self._mixed)
        self._fit(self._process, tune=True)

    def learn(self, x: Float[ndarray, "n f"], y: Float[ndarray, " n"], tune: bool) -> None:
        """Give the open problem its data; fit the hyperparameters first if `tune`, or new ones."""
        first = self._open is None
        if self._process is None:
            self._process = GaussianProcess(self._groups, self._mixed)
        if self._levels and self._closed:
            self._level = self._level_of(self._process, x, y)
        self._open = (x, y)
        self._fit(self._process, tune or first, anew=first)

    def belief(self, x: Float[ndarray, "k f"]) -> Belief:
        """What is believed of these designs in the open problem; something must be learned."""
        assert self._process is not None
        return Belief(self._process.posterior(self._wide(x)), self._level)

    def _level_of(
        self, process: GaussianProcess, x: Float[ndarray, "n f"], y: Float[ndarray, " n"]
    ) -> float:
        """How far these targets are above what the closed problems alone lead to expect."""
        self._open = None
        self._fit(process, tune=False)
        return float((y - process.posterior(self._wide(x)).mean).mean())

    def _fit(self, process: GaussianProcess, tune: bool, anew: bool = False) -> None:
        """Hyperparameters are fitted to at most 300 rows, evenly taken: they need no more."""
        blocks = [(self._wide(x, task), y) for task, (x, y) in enumerate(self._closed)]
        others = sum(len(y) for _, y in blocks)
        if self._open is not None:
            blocks.append((self._wide(self._open[0]), self._open[1] - self._level))
        x = np.concatenate([columns for columns, _ in blocks])
        y = np.concatenate([targets for _, targets in blocks])
        if tune:
            some = _some(others, len(y) - others)
            process.tune(x[some], y[some], anew)
        process.condition(x, y)

    def _wide(self, x: Float[ndarray, "n f"], task: int | None = None) -> Float[ndarray, "n g"]:
        """With a column for each closed problem: 1 in that of the one these designs are of."""
        if not self._closed:
            return x
        tasks = np.zeros((len(x), len(self._closed)))
        if task is not None:
            tasks[:, task] = 1.0
        return np.concatenate([x, tasks], axis=1)


class Belief:
    """Means and spreads of k designs."""

    def __init__(self, posterior: Posterior, level: float) -> None:
        self._posterior = posterior
        self.mean: Float[ndarray, " k"] = level + posterior.mean
        self.pend = posterior.pend

    @property
    def spread(self) -> Float[ndarray, " k"]:
        """Standard deviations."""
        return self._posterior.spread


def _some(others: int, mine: int) -> Int[ndarray, " k"]:
    """Rows of the closed problems, which come first, and of the open one: half at least."""
    most = min(mine, _MOST_TUNED // 2 if others else _MOST_TUNED)
    return np.concatenate([_even(others, _MOST_TUNED - most), others + _even(mine, most)])


def _even(n: int, most: int) -> Int[ndarray, " k"]:
    return np.linspace(0, n - 1, min(n, most)).astype(np.int64)
