"""How promising a design is, from what the models say of it: a table of formulas, maximised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

Score = Callable[[Float[ndarray, " n"], Float[ndarray, " n"], float, float], Float[ndarray, " n"]]
_FAR: Final = -50.0


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
    """Logarithm of the expected improvement on `best` (Jones et al. 1998).

    Exact where the improvement itself is below the least float (after Ament et al. 2023), so that
    there is always a way up.
    """
    from scipy.special import erfcx

    z = (best - mean) / spread
    near = np.maximum(z, _FAR)
    with np.errstate(over="ignore"):  # far above: only the other branch counts
        ratio = np.sqrt(np.pi / 2) * erfcx(-near / np.sqrt(2))
    low = np.log1p(np.minimum(near * ratio, 0.0)) - near**2 / 2
    low = np.where(z < _FAR, -(z**2) / 2 - 2 * np.log(np.maximum(-z, 1.0)), low)
    return np.log(spread) + np.where(z > -1, _log_high(z), low - np.log(2 * np.pi) / 2)


def _log_high(z: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    """The logarithm of the same by its plain formula, for z of -1 and more."""
    from scipy.special import ndtr

    z = np.maximum(z, -1.0)
    return np.log(z * ndtr(z) + np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi))


ACQUISITIONS: Final[Mapping[str, Score]] = {"mean": mean, "ucb": ucb, "ei": ei}


def log_feasible(mean: Float[ndarray, " n"], spread: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    """Logarithm of the probability that a normal violation is below 0."""
    from scipy.special import log_ndtr

    return log_ndtr(-mean / spread)
