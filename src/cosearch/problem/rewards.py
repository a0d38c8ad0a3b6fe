"""Rewards of the literature: how a search is told of a design that misses its limits.

Of the quality Q and the ratios r = T / T0 of each limited metric to its limit. Q is the first
goal's metric where it is maximised, its reciprocal where it is minimised (for latency: inferences
a second).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

Value = Callable[[ndarray, ndarray, float], ndarray]


@dataclass(frozen=True)
class Reward:
    """`value` takes Q (n,), the ratios (n, k) and the exponent, and gives the reward (n,)."""

    summary: str
    value: Value
    exponent: float | None = None  # as published; None: the form has none
    trades: bool = False  # a design beyond a limit may be worth more than one within
    failed: float = np.inf  # the loss of what cannot run

    def told(
        self,
        quality: Float[ndarray, " n"],
        ratios: Float[ndarray, "n k"],
        exponent: float | None,
    ) -> tuple[Float[ndarray, "n 1"], Float[ndarray, " n"]]:
        """Losses (n, 1) and violations (n,) for an optimizer.

        Violations are 0, for the reward says all; inf where the quality is not finite and
        positive or 0: such a design cannot run.
        """
        runs = np.isfinite(quality) & (quality >= 0) & np.isfinite(ratios).all(axis=1)
        weight = self.exponent if exponent is None else exponent
        losses = np.full((len(quality), 1), self.failed)
        losses[runs, 0] = -self.value(quality[runs], ratios[runs], weight or 0.0)
        return losses, np.where(np.isinf(losses[:, 0]), np.inf, 0.0)


def _soft(quality: ndarray, ratios: ndarray, exponent: float) -> ndarray:
    return quality * (ratios**exponent).prod(axis=1)


def _hard(quality: ndarray, ratios: ndarray, exponent: float) -> ndarray:
    return quality * np.minimum(ratios**exponent, 1.0).prod(axis=1)


def _absolute(quality: ndarray, ratios: ndarray, exponent: float) -> ndarray:
    return quality + exponent * np.abs(ratios - 1.0).sum(axis=1)


def _zero(quality: ndarray, ratios: ndarray, exponent: float) -> ndarray:
    return np.where((ratios <= 1.0).all(axis=1), quality, 0.0)


# The product over several limits is NAHAS's (arXiv 2102.08619), with p = q = -0.07 (soft) and
# p = 0, q = -1 (hard); the sum of several absolute terms is ours.
REWARDS: Final[Mapping[str, Reward]] = {
    "soft": Reward(
        "Q r^w, within the limits and beyond: MnasNet (arXiv 1807.11626, eq. 2 and 3), "
        "TuNAS's `mnas`",
        _soft,
        exponent=-0.07,
        trades=True,
    ),
    "hard": Reward(
        "Q within the limits, Q r^w beyond: MnasNet's hard form (w = -1), TuNAS's `mnas_hard`",
        _hard,
        exponent=-1.0,
    ),
    "absolute": Reward(
        "Q + w |r - 1|, highest on the limit: TuNAS (arXiv 2008.06120), the default of its code",
        _absolute,
        exponent=-0.1,
        trades=True,
    ),
    "zero": Reward(
        "Q within the limits, 0 beyond and for what cannot run: no degree of violation is told, "
        "as in Apollo (arXiv 2102.01723)",
        _zero,
        failed=0.0,
    ),
}

# Not a reward but an order: least violation first, then the goals in their order.
LEXICOGRAPHIC: Final = "lexicographic"
