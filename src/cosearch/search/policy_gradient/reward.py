"""A reward without a scale: how many of the last designs one beats."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.search.optimizer import ranks


class ShareBeaten:
    """The share of the last `memory` designs that a design beats, ties by half.

    Least violation first, then the losses in order (`ranks`). So it knows what to do where
    nothing meets the limits, and takes inf.
    """

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self._seen = np.empty((0, 0))

    def __call__(
        self, losses: Float[ndarray, "n m"], violations: Float[ndarray, " n"]
    ) -> Float[ndarray, " n"]:
        """Rewards in (0, 1); these designs are of the last from now on."""
        told = np.column_stack([violations, losses])
        self._seen = np.concatenate([self._seen, told]) if len(self._seen) else told
        self._seen = self._seen[-max(self.memory, len(told)) :]
        rank = ranks(self._seen[:, 1:], self._seen[:, 0])
        order = np.sort(rank)
        mine = rank[-len(told) :]
        worse = len(order) - np.searchsorted(order, mine, side="right")
        equal = len(order) - np.searchsorted(order, mine, side="left") - worse
        return (worse + equal / 2) / len(order)
