"""One Gaussian process: hyperparameters by BoTorch, and its posterior on a pool of designs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import torch
from botorch.models import SingleTaskGP
from botorch.optim.fit import fit_gpytorch_mll_scipy
from gpytorch.mlls import ExactMarginalLogLikelihood
from gpytorch.settings import max_cholesky_size
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.quiet import quiet
from cosearch.search.model_based.gp.kernel import kernel, likelihood

_STEPS: Final = 60  # of L-BFGS at first
_WARM_STEPS: Final = 12  # from the last fit
_EXACT: Final = 100_000  # rows up to which Cholesky is used: always
_LEAST: Final = 1e-9  # variance left by rounding


class GaussianProcess:
    """Standardises its targets itself; hyperparameters by MAP, warm-started from the last fit."""

    def __init__(self, groups: Int[ndarray, " f"], mixed: int) -> None:
        self._kernel = kernel(torch.as_tensor(groups), mixed).double()
        self._likelihood = likelihood().double()
        self._steps = _STEPS

    @property
    def noise(self) -> float:
        """Variance, in units of the standardised target."""
        return float(self._likelihood.noise.detach())

    def tune(self, x: Float[ndarray, "n f"], y: Float[ndarray, " n"], anew: bool = False) -> None:
        """Fit the hyperparameters to these designs; `anew`: as if for the first time."""
        steps = _STEPS if anew else self._steps
        self._standardise(y)
        model = SingleTaskGP(
            torch.as_tensor(x),
            self._standardised(y)[:, None],
            likelihood=self._likelihood,
            covar_module=self._kernel,
            outcome_transform=None,
        )
        mll = ExactMarginalLogLikelihood(model.likelihood, model)
        with quiet(), max_cholesky_size(_EXACT):
            fit_gpytorch_mll_scipy(mll, options={"maxiter": steps})
        self._level = float(model.mean_module.constant.detach())
        self._steps = _WARM_STEPS

    def condition(self, x: Float[ndarray, "n f"], y: Float[ndarray, " n"]) -> None:
        """Take these designs as the data, the hyperparameters as they are."""
        self._standardise(y)
        self._x = torch.as_tensor(x)
        covariance = self.covariance(self._x, self._x)
        covariance.diagonal().add_(self.noise)
        self._root = torch.linalg.cholesky(covariance)
        self._weights = torch.cholesky_solve(
            (self._standardised(y) - self._level)[:, None], self._root
        )[:, 0]

    def covariance(self, x: Any, z: Any) -> Any:
        """Of rows with rows before any data, in units of the standardised target."""
        with torch.no_grad():
            return self._kernel(x, z).to_dense()

    def posterior(self, x: Float[ndarray, "k f"]) -> Posterior:
        """What the data say of these designs."""
        return Posterior(self, torch.as_tensor(x))

    def _standardise(self, y: Float[ndarray, " n"]) -> None:
        self._mean, self._scale = float(y.mean()), float(y.std()) or 1.0

    def _standardised(self, y: Float[ndarray, " n"]) -> Any:
        return torch.as_tensor((y - self._mean) / self._scale)


class Posterior:
    """Means and spreads of k designs, the spreads as more of them become pending.

    Variances do not depend on what is measured, so designs whose evaluation has only begun count
    like those that are known: one more row of the Cholesky factor each (Desautels et al., 2014).
    """

    def __init__(self, process: GaussianProcess, x: Any) -> None:
        self._process, self._x = process, x
        cross = process.covariance(process._x, x)
        standard = cross.T @ process._weights + process._level
        self.mean: Float[ndarray, " k"] = standard.numpy() * process._scale + process._mean
        self._rows = torch.linalg.solve_triangular(process._root, cross, upper=False)
        prior = float(process._kernel.outputscale.detach())
        self._variance = torch.clamp(prior - (self._rows**2).sum(0), min=_LEAST)

    @property
    def spread(self) -> Float[ndarray, " k"]:
        """Standard deviations."""
        return np.sqrt(self._variance.numpy()) * self._process._scale

    def pend(self, i: int) -> None:
        """Count design `i` as measured."""
        with torch.no_grad():
            covariance = self._process.covariance(self._x, self._x[i : i + 1])[:, 0]
            covariance -= self._rows.T @ self._rows[:, i]
            row = covariance / torch.sqrt(self._variance[i] + self._process.noise)
            self._rows = torch.cat([self._rows, row[None]])
            self._variance = torch.clamp(self._variance - row**2, min=_LEAST)


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Small matrices on one thread: faster than on many, and the same figures everywhere."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
