"""An ensemble of the regressors that cross-validation trusts, weighed by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from cosearch.search.model_based.gaussian_process import GaussianProcess
from cosearch.search.model_based.regressors import make_regressor

_FOLDS: Final = 5
_MOST: Final = 4  # members; more cost time and change little
_LEAST_WEIGHT: Final = 0.05
_LEAST_SPREAD: Final = 1e-4
_REACH: Final = 3.0  # spreads


@dataclass(frozen=True)
class Member:
    """A regressor, its mean squared error out of fold, and its share in what the ensemble says."""

    name: str
    model: Any
    error: float
    weight: float


class Ensemble:
    """Mean and spread over regressors whose cross-validated R2 is above `threshold`.

    `select` draws new hyper-parameters for every kind, lets the members of before compete, and
    keeps the best few. Their weights are those, none negative, whose mixture errs least out of
    fold (stacking; Breiman 1996). `fit` only fits these to new data. With nobody above the
    threshold the prediction is a constant.
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
        self._variance = 1.0

    def select(self, x: Float[ndarray, "n f"], y: Float[ndarray, " n"]) -> None:
        """Cross-validate all candidates on the data, and keep and weigh those that pass."""
        drawn = [(name, make_regressor(name, self._rng, x.shape[1])) for name in self._drawn()]
        candidates = [(member.name, member.model) for member in self.members] + drawn
        fold = self._rng.permutation(len(y)) % min(_FOLDS, len(y))
        said = _out_of_fold([model for _, model in candidates], x, y, fold)
        errors = ((said - y) ** 2).mean(axis=1)
        passed = np.flatnonzero(errors < (1 - self.threshold) * float(y.var()))
        passed = passed[np.argsort(errors[passed], kind="stable")]
        kept = _one_of_each([candidates[i][0] for i in passed.tolist()], passed)[:_MOST]
        self.members = tuple(
            Member(*candidates[i], float(errors[i]), weight)
            for i, weight in zip(kept, _stacked(said[kept], y), strict=True)
            if weight > 0
        )

    def fit(self, x: Float[ndarray, "n f"], y: Float[ndarray, " n"]) -> None:
        """Fit the chosen members."""
        self._mean, self._variance = float(y.mean()), float(y.var()) or 1.0
        self._lowest, self._highest = float(y.min()), float(y.max())
        for member in self.members:
            member.model.fit(x, y)

    def predict(
        self, x: Float[ndarray, "n f"]
    ) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
        """Mean and spread: a Gaussian process's own, else of the members and their errors."""
        if not self.members:
            return np.full(len(x), self._mean), np.full(len(x), np.sqrt(self._variance))
        weights = np.array([member.weight for member in self.members])
        variance = None
        said = np.empty((len(self.members), len(x)))
        for row, member in zip(said, self.members, strict=True):
            if isinstance(member.model, GaussianProcess):
                row[:], variance = member.model.moments(x)
            else:
                row[:] = self._within_reach(member.model.predict(x))
        mean = weights @ said
        if variance is None:  # nobody knows where the data are
            variance = weights @ ((said - mean) ** 2 + self._errors()[:, None])
        return mean, np.maximum(np.sqrt(variance), _LEAST_SPREAD)

    def correlation(self, x: Float[ndarray, "n f"]) -> Float[ndarray, "n n"]:
        """How alike the errors at these designs are, as far as a Gaussian process knows; else 0."""
        process = self._process()
        if process is None:
            return np.eye(len(x))
        covariance = process.covariance(x)
        spread = np.sqrt(np.maximum(np.diag(covariance), _LEAST_SPREAD**2))
        return covariance / np.outer(spread, spread)

    def _process(self) -> GaussianProcess | None:
        models = (member.model for member in self.members)
        return next((model for model in models if isinstance(model, GaussianProcess)), None)

    def _errors(self) -> Float[ndarray, " k"]:
        return np.array([member.error for member in self.members])

    def _within_reach(self, said: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """No promise far beyond all that was seen: products and networks extrapolate wildly."""
        reach = _REACH * np.sqrt(self._variance)
        return np.clip(said, self._lowest - reach, self._highest + reach)

    def _drawn(self) -> list[str]:
        return [name for name in self.names for _ in range(self.draws)]


def _one_of_each(names: Sequence[str], rows: ndarray) -> list[int]:
    """The first row of each name, in their order."""
    first: dict[str, int] = {}
    for name, row in zip(names, rows.tolist(), strict=True):
        first.setdefault(name, row)
    return list(first.values())


def _stacked(said: Float[ndarray, "k n"], y: Float[ndarray, " n"]) -> list[float]:
    """Weights that sum to 1, the smallest of them dropped."""
    from scipy.optimize import nnls

    if not len(said):
        return []
    middle = y.mean()
    weights = nnls((said - middle).T, y - middle)[0]
    weights[weights < _LEAST_WEIGHT * weights.sum()] = 0.0
    return (weights / weights.sum()).tolist() if weights.any() else [1.0] + [0.0] * (len(said) - 1)


def _out_of_fold(
    models: Sequence[Any], x: Float[ndarray, "n f"], y: Float[ndarray, " n"], fold: ndarray
) -> Float[ndarray, "k n"]:
    """What each says of designs left out of the fit; inf for those out of the race.

    After the first fold the worse half drops out.
    """
    said = np.zeros((len(models), len(y)))
    racing = np.arange(len(models))
    for k in range(int(fold.max()) + 1):
        for i in racing.tolist():
            said[i, fold == k] = _predicted(models[i], x, y, fold == k)
        if k == 0:
            errors = ((said - y)[:, fold == 0] ** 2).sum(axis=1)
            order = np.argsort(errors, kind="stable")
            racing = np.sort(order[: max(len(models) // 2, _MOST)])
            said[np.setdiff1d(np.arange(len(models)), racing)] = np.inf
    return said


def _predicted(
    model: Any, x: Float[ndarray, "n f"], y: Float[ndarray, " n"], left_out: Bool[ndarray, " n"]
) -> Float[ndarray, " k"]:
    """For what is left out of the fit; inf if the fit fails."""
    from sklearn.base import clone

    try:
        fitted = clone(model).fit(x[~left_out], y[~left_out])
        return np.asarray(fitted.predict(x[left_out]))
    except ValueError:  # such as fewer designs than neighbours
        return np.full(int(left_out.sum()), np.inf)
