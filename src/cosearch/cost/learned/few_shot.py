"""A device's latencies from a handful of measurements and a prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.cost.learned.prior import Prior
from cosearch.errors import CosearchError

# Of the variance over networks that the prior expects: clocks to clean simulators. Ten measurements
# cannot tell the noise, so each of these counts as far as it explains them.
NOISE: Final = np.array([1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0])


@dataclass(frozen=True)
class FewShot:
    """A device fitted to m networks: a Gaussian process for each noise, weighted by evidence."""

    prior: Prior
    scale_s: float  # latency where the mean device has 1
    reach: Float[ndarray, "m q"]  # the basis at the measured networks, by principal axes
    residual: Float[ndarray, " m"]  # what the mean device leaves, by the same axes
    doubt: Float[ndarray, "noises m"]  # variance of the residual
    noise: Float[ndarray, " noises"]  # variance, relative to the square of the scale
    evidence: Float[ndarray, " noises"]  # sums to 1

    def __call__(
        self, features: Float[ndarray, "n f"]
    ) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
        """Mean latency, and standard deviation of a measurement of it, in seconds."""
        basis = self.prior.basis(features)
        shared = basis @ self.reach.T
        means = (self.residual / self.doubt) @ shared.T
        mean = self.evidence @ means
        known = (1 / self.doubt) @ (shared**2).T
        own = np.maximum((basis**2).sum(1) - known, 0.0)
        variance = self.evidence @ (own + self.noise[:, None] + (means - mean) ** 2)
        relative = self.prior.relative(features) + mean
        return self.scale_s * relative, self.scale_s * np.sqrt(variance)


def fit_few(
    prior: Prior, features: Float[ndarray, "m f"], latency_s: Float[ndarray, " m"]
) -> FewShot:
    """From m measured networks. Raises `CosearchError` for latencies that are not positive."""
    if not len(latency_s) or not (np.isfinite(latency_s) & (latency_s > 0)).all():
        raise CosearchError(f"{len(latency_s)} measurements: one or more, all positive, are needed")
    relative, basis = prior.relative(features), prior.basis(features)
    scale = float(latency_s.sum() / relative.sum())
    size, axes = np.linalg.eigh(basis @ basis.T)
    residual = axes.T @ (latency_s / scale - relative)
    noise = NOISE * prior.variance
    doubt = np.maximum(size, 0.0) + noise[:, None]
    log_evidence = -0.5 * (residual**2 / doubt + np.log(doubt)).sum(1)
    evidence = np.exp(log_evidence - log_evidence.max())
    return FewShot(prior, scale, axes.T @ basis, residual, doubt, noise, evidence / evidence.sum())
