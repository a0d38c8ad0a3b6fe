"""Limits that are learned: how far a design exceeds them, when one that meets them says not."""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.search.model_based.gp.multitask import MultiTaskProcess

_ENOUGH: Final = 32  # designs over the limit, from which its shape is learned
_MARGIN: Final = 0.5  # until then, how far inside those are that meet it, in spreads


def learn_limits(
    process: MultiTaskProcess,
    x: Float[ndarray, "n f"],
    violations: Float[ndarray, " n"],
    tune: bool,
) -> None:
    """Teach the process logarithms of the excess ratio; at least one must be above 0.

    Where the limit is met the excess is not told. There the target is what the exceeding designs
    lead to expect, given that it is below 0: one step of imputing censored data. From few
    exceeding designs, or alike ones, nothing follows; then all that meet it get one target.
    """
    over = violations > 0
    excess = _log_ratios(violations)
    unit = float(np.sqrt((excess[over] ** 2).mean()))
    if over.sum() < _ENOUGH or not np.ptp(excess[over]):
        process.learn(x, np.where(over, excess, -_MARGIN * unit), tune)
        return
    process.learn(x[over], excess[over], tune)
    if not over.all():
        belief = process.belief(x[~over])
        excess[~over] = below_zero(belief.mean, belief.spread)
        process.learn(x, excess, tune=False)


def below_zero(mean: Float[ndarray, " n"], spread: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    """Means of normal distributions cut off at 0 from above."""
    from scipy.special import log_ndtr

    z = mean / spread
    ratio = np.exp(-(z**2) / 2 - np.log(2 * np.pi) / 2 - log_ndtr(-z))
    return np.minimum(mean - spread * ratio, 0.0)


def _log_ratios(violations: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    """Designs that cannot run lie one unit beyond the worst that can."""
    worst = violations[np.isfinite(violations)].max(initial=0.0)
    return np.log1p(np.minimum(violations, np.e * (1.0 + worst) - 1.0))
