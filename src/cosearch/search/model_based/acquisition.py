"""How promising a design is, from what the models say of it: a table of formulas, maximised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

Score = Callable[[Float[ndarray, " n"], Float[ndarray, " n"], float, float], Float[ndarray, " n"]]
_LEAST: Final = 1e-300


def mean(
    mean: Float[ndarray, " n"], spread: Float[ndarray, " n"], best: float, kappa: float
) -> Float[ndarray, " n"]:
    """The expected target alone."""
    return -mean


def ucb(
    mean: Float[ndarray, " n"], spread: Float[ndarray, " n"], best: float, kappa: float
) -> Float[ndarray, " n"]:
    """The optimist's bound: `kappa` spreads better than expected."""
    return kappa * spread - mean


def ei(
    mean: Float[ndarray, " n"], spread: Float[ndarray, " n"], best: float, kappa: float
) -> Float[ndarray, " n"]:
    """Logarithm of the expected improvement on `best` (Jones et al. 1998)."""
    from scipy.special import ndtr

    z = (best - mean) / spread
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.log(np.maximum(spread * (z * ndtr(z) + density), _LEAST))


ACQUISITIONS: Final[Mapping[str, Score]] = {"mean": mean, "ucb": ucb, "ei": ei}


def log_feasible(mean: Float[ndarray, " n"], spread: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    """Logarithm of the probability that a normal violation is below 0."""
    from scipy.special import log_ndtr

    return log_ndtr(-mean / spread)
