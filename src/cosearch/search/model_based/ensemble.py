"""An ensemble of the regressors that cross-validation trusts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from cosearch.search.model_based.regressors import make_regressor

_FOLDS: Final = 5
_MOST: Final = 4  # members; more cost time and change little
_LEAST_SPREAD: Final = 1e-3


@dataclass(frozen=True)
class Member:
    """A regressor and its mean squared error out of fold."""

    name: str
    model: Any
    error: float


class Ensemble:
    """Mean and spread over regressors whose cross-validated R2 is above `threshold`.

    `select` draws new hyper-parameters for every kind, lets the members of before compete, and
    keeps the best few; `fit` only fits these to new data. With nobody above the threshold the
    prediction is a constant.
    """

    def __init__(
        self, names: Sequence[str], rng: np.random.Generator, threshold: float, draws: int = 1
    ) -> None:
        self.names = tuple(names)
        self.threshold = threshold
        self.draws = draws
        self.members: tuple[Member, ...] = ()
        self._rng = rng
        self._mean = 0.0

    def select(self, x: Float[ndarray, "n f"], y: Float[ndarray, " n"]) -> None:
        """Cross-validate all candidates on the data, and keep those that pass."""
        drawn = [(name, make_regressor(name, self._rng, x.shape[1])) for name in self._drawn()]
        candidates = [(member.name, member.model) for member in self.members] + drawn
        fold = self._rng.permutation(len(y)) % min(_FOLDS, len(y))
        errors = _out_of_fold_errors([model for _, model in candidates], x, y, fold)
        scored = [Member(*pair, float(e)) for pair, e in zip(candidates, errors, strict=True)]
        worst = (1 - self.threshold) * float(y.var())
        passed = sorted((m for m in scored if m.error < worst), key=lambda member: member.error)
        self.members = tuple(_one_of_each(passed))[:_MOST]

    def fit(self, x: Float[ndarray, "n f"], y: Float[ndarray, " n"]) -> None:
        """Fit the chosen members."""
        self._mean = float(y.mean())
        for member in self.members:
            member.model.fit(x, y)

    def predict(
        self, x: Float[ndarray, "n f"]
    ) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
        """Mean and spread: of the members between each other, and of the best about the truth."""
        if not self.members:
            return np.full(len(x), self._mean), np.ones(len(x))
        said = np.stack([member.model.predict(x) for member in self.members])
        spread = np.sqrt(said.var(axis=0) + self.members[0].error)
        return said.mean(axis=0), np.maximum(spread, _LEAST_SPREAD)

    def _drawn(self) -> list[str]:
        return [name for name in self.names for _ in range(self.draws)]


def _one_of_each(members: Sequence[Member]) -> list[Member]:
    """The best of each kind, in their order."""
    best: dict[str, Member] = {}
    for member in members:
        best.setdefault(member.name, member)
    return list(best.values())


def _out_of_fold_errors(
    models: Sequence[Any], x: Float[ndarray, "n f"], y: Float[ndarray, " n"], fold: ndarray
) -> Float[ndarray, " k"]:
    """Mean squared error of each for designs left out of the fit; inf for those out of the race.

    After the first fold the worse half drops out.
    """
    errors = np.zeros(len(models))
    for k in range(int(fold.max()) + 1):
        for i in np.flatnonzero(np.isfinite(errors)).tolist():
            errors[i] += _error(models[i], x, y, fold == k)
        if k == 0:
            errors[np.argsort(errors, kind="stable")[max(len(models) // 2, _MOST) :]] = np.inf
    return errors / len(y)


def _error(
    model: Any, x: Float[ndarray, "n f"], y: Float[ndarray, " n"], left_out: Bool[ndarray, " n"]
) -> float:
    """Sum of squared errors for what is left out of the fit; inf if the fit fails."""
    from sklearn.base import clone

    try:
        said = clone(model).fit(x[~left_out], y[~left_out]).predict(x[left_out])
    except ValueError:  # such as fewer designs than neighbours
        return float("inf")
    return float(((said - y[left_out]) ** 2).sum())
