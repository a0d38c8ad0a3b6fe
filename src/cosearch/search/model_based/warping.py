"""Losses and violations as targets that a regressor can learn.

After the output warpers of OSS Vizier (half rank, then logarithm), rewritten for minimising.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.search.optimizer import ranks

_STRETCH: Final = 0.5  # Vizier's offset of 1.5: the best are pulled apart, the worst together
_DIGITS: Final = 9  # beyond these, a change of unit shows in the last bits
_MARGIN: Final = 0.5  # how far inside its limit a feasible design is taken to be, in spreads


def warp_losses(losses: Float[ndarray, "n m"]) -> Float[ndarray, " n"]:
    """One target, minimised, mean 0 and spread 1; losses must be finite.

    Losses that are all above 0, such as times, become logarithms: these are near linear in the
    logarithms of sizes, and no unit of measurement changes them. Of others the better half keeps
    its distances, the worse half only its order. Of several goals, compared in their order, only
    ranks are kept.
    """
    if losses.shape[1] > 1:
        return _squeezed(ranks(losses, np.zeros(len(losses))).astype(float))
    values = losses[:, 0]
    if values.min() <= 0:
        return _squeezed(values)
    return _standard(np.round(np.log(values / values.min()), _DIGITS))


def warp_violations(violations: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    """One target, above 0 where a limit is exceeded, below where all are met; some must be > 0.

    The excess of a ratio over its limit becomes the logarithm of the ratio. Designs that cannot
    run lie beyond the worst that can. Of feasible ones the slack is not told: all get the same.
    """
    excess = np.log1p(violations)
    finite = excess[np.isfinite(excess) & (excess > 0)]
    spread = max(float(np.sqrt((finite**2).mean())), 1e-9) if len(finite) else 1.0
    worst = finite.max(initial=0.0) + spread
    return np.where(excess > 0, np.minimum(excess, worst), -_MARGIN * spread) / spread


def _squeezed(values: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    return _standard(_logarithm(_half_rank(values)))


def _half_rank(values: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    """Values above the median replaced by the quantiles of a normal distribution."""
    from scipy.special import ndtri

    middle = np.median(values)
    good = values[values <= middle]
    spread = float(np.sqrt(((good - middle) ** 2).mean()))
    place = (np.searchsorted(np.sort(values), values, side="right") - 0.5) / len(values)
    tail = middle + (spread or 1.0) * ndtri(np.maximum(place, 0.5))
    return np.where(values > middle, tail, values)


def _logarithm(values: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    """Distances near the best stretched."""
    share = (values - values.min()) / (np.ptp(values) or 1.0)
    return np.log1p(_STRETCH * share) / np.log1p(_STRETCH)


def _standard(values: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    return (values - values.mean()) / (values.std() or 1.0)
