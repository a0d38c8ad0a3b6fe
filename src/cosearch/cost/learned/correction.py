"""A cost model corrected by measurements: a Gaussian process on the logarithm of their ratio.

Whole networks are measured, operators are corrected (`correction_kernel.py`): so a handful of
measurements, each of dozens of operators, says much. The variances of the kernel's terms are the
most probable ones, a priori those of `EXPECTED`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.cost.learned.correction_kernel import EXPECTED, NOISE, Baseline, Kernel, terms
from cosearch.cost.learned.operator_times import OperatorTimes
from cosearch.errors import CosearchError

_PRIOR: Final = np.log(np.square([*EXPECTED, NOISE]))
_SURE: Final = 1.5  # standard deviation of the logarithm of a variance, a priori
_BOUNDS: Final = (-14.0, 4.0)
_TUNED_ON: Final = 400  # more measurements hardly change the variances
_FLOORS: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)  # quantiles of what was measured


@dataclass(frozen=True)
class Correction:
    """Fitted by `correct`; predicts networks of the batch its measurements came from."""

    kernel: Kernel
    noise: float  # standard deviation of log(measured), beside what the kernel explains
    surprise: float  # minus the log of how probable the measurements were; compares models
    measured: OperatorTimes
    measured_s: Float[ndarray, " m"]
    weights: Float[ndarray, " m"]
    precision: Float[ndarray, "m m"]

    def predict(self, networks: OperatorTimes) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
        """(seconds, standard deviation of their logarithm), what a measurement would say."""
        across = self.kernel(networks, self.measured)
        spread = self.kernel.variance(networks) - ((across @ self.precision) * across).sum(1)
        seconds = self.kernel.baseline.seconds(networks) * np.exp(across @ self.weights)
        return seconds, np.sqrt(np.maximum(spread, 0.0) + self.noise**2)

    @property
    def left_out_errors(self) -> Float[ndarray, " m"]:
        """Log of each measurement over what the others predict of it."""
        return self.weights / np.diag(self.precision)


def correct(networks: OperatorTimes, measured_s: Float[ndarray, " m"]) -> Correction:
    """Fit to m >= 2 measurements; of floors at quantiles of them the most probable one stays."""
    if len(networks) != len(measured_s) or len(measured_s) < 2:
        given = f"{len(measured_s)} measurements of {len(networks)} networks"
        raise CosearchError(f"{given}: one each of at least 2 is needed")
    if not (np.isfinite(measured_s) & (measured_s > 0)).all():
        raise CosearchError("measured times must be finite and more than 0")
    baselines = [Baseline(_scale(networks, measured_s, 0.0), 0.0)]
    for floor in np.quantile(measured_s, _FLOORS):
        baselines.append(Baseline(_scale(networks, measured_s, floor), 0.97 * floor))
    found = [_tune(each, networks[:_TUNED_ON], measured_s[:_TUNED_ON]) for each in baselines]
    best = int(np.argmin([surprise for _, surprise in found]))
    return _condition(baselines[best], *found[best], networks, measured_s)


def correct_best(
    models: Sequence[OperatorTimes], measured_s: Float[ndarray, " m"]
) -> tuple[int, Correction]:
    """The model that makes the measurements the most probable, (its place, corrected)."""
    found = [correct(networks, measured_s) for networks in models]
    best = int(np.argmin([each.surprise for each in found]))
    return best, found[best]


def _scale(networks: OperatorTimes, measured_s: ndarray, floor_s: float) -> float:
    """The usual ratio of measured and modelled above the floor."""
    above = measured_s > 1.02 * floor_s if floor_s else measured_s > 0
    return float(np.median(measured_s[above] / networks.total_s[above]))


def _tune(
    baseline: Baseline, networks: OperatorTimes, measured_s: ndarray
) -> tuple[Float[ndarray, " 7"], float]:
    """(logarithms of the variances, the noise's last; surprise)."""
    from scipy.optimize import minimize

    parts = np.array([*terms(baseline, networks, networks), np.eye(len(networks))])
    residual = np.log(measured_s / baseline.seconds(networks))
    bounds = [_BOUNDS] * len(_PRIOR)
    found = minimize(_surprise, _PRIOR, (parts, residual), "L-BFGS-B", jac=True, bounds=bounds)
    return found.x, float(found.fun)


def _surprise(
    logs: ndarray, parts: Float[ndarray, "t m m"], residual: ndarray
) -> tuple[float, ndarray]:
    """Minus the log posterior of the variances, up to a constant, and its gradient."""
    variances = np.exp(logs)
    covariance = np.tensordot(variances, parts, 1)
    precision = np.linalg.inv(covariance)
    weights = precision @ residual
    off = (logs - _PRIOR) / _SURE
    value = 0.5 * (residual @ weights + np.linalg.slogdet(covariance)[1] + off @ off)
    slope = 0.5 * variances * np.tensordot(parts, precision - np.outer(weights, weights), 2)
    return float(value), slope + off / _SURE


def _condition(
    baseline: Baseline,
    logs: ndarray,
    surprise: float,
    networks: OperatorTimes,
    measured_s: ndarray,
) -> Correction:
    variances = np.exp(logs)
    kernel = Kernel(baseline, variances[:-1])
    covariance = kernel(networks, networks)
    covariance[np.diag_indices_from(covariance)] += variances[-1]
    precision = np.linalg.inv(covariance)
    residual = np.log(measured_s / baseline.seconds(networks))
    noise = float(np.sqrt(variances[-1]))
    weights = precision @ residual
    return Correction(kernel, noise, surprise, networks, measured_s, weights, precision)
