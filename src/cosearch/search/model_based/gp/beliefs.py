"""What is believed of a pool of designs, and how promising that makes them."""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.search.model_based.acquisition import log_feasible
from cosearch.search.model_based.gp.multitask import Belief

_LIKELY: Final = float(np.log(0.5))
_PRICE: Final = 0.1  # in units of the loss, of an e-fold less chance to meet the limits
_OUTSIDE: Final = 1e6  # spreads of designs outside the promising region count less by so much


class Beliefs:
    """Loss and violation of k designs, and the best loss so far (inf: no design meets the limits).

    `loss` is None where no design ran, `excess` None where every design met the limits; not both.
    `unit` is the spread of the losses told.
    """

    def __init__(
        self, loss: Belief | None, excess: Belief | None, best: float, unit: float
    ) -> None:
        self._loss, self._excess = loss, excess
        self._best, self._unit = best, unit
        self._either = next(belief for belief in (loss, excess) if belief is not None)
        self._likely = np.zeros(self.size)
        self._weigh()

    @property
    def size(self) -> int:
        """How many designs: k."""
        return len(self._either.mean)

    def pend(self, i: int) -> None:
        """Count design `i` as measured."""
        for belief in (self._loss, self._excess):
            if belief is not None:
                belief.pend(i)
        self._weigh()

    def promise(self, kappa: float) -> Float[ndarray, " k"]:
        """An optimist's bound of the gain on the best, less where the limits are likely exceeded.

        Only the chance to meet the limits counts until a design does.
        """
        if self._loss is None or not np.isfinite(self._best):
            return self._likely
        hoped = (self._best - self._loss.mean + kappa * self._loss.spread) / self._unit
        return hoped + _PRICE * np.minimum(self._likely - _LIKELY, 0.0)

    def surprise(self, kappa: float) -> Float[ndarray, " k"]:
        """Spread of what is unknown, where an optimist hopes for better and limits are likely met.

        Contal et al., arXiv 1304.5350, equation 9.
        """
        if self._loss is None or not np.isfinite(self._best):
            return self._either.spread if self._excess is None else self._excess.spread
        spread = self._loss.spread
        hopeful = self._loss.mean - kappa * spread <= self._best
        return np.where(hopeful & (self._likely >= _LIKELY), spread, spread - _OUTSIDE)

    def _weigh(self) -> None:
        """Logarithms of the chances to meet the limits."""
        if self._excess is not None:
            self._likely = log_feasible(self._excess.mean, self._excess.spread)
