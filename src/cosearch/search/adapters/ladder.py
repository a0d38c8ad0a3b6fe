"""One float for several losses and a violation, for algorithms that only compare."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from jaxtyping import Float
from numpy import ndarray


class Ladder:
    """Gives designs rungs in the order of `ranks`: least violation first, then the losses.

    A rung once given stays, so that a library may keep it: a new best goes one below the least,
    a new worst one above the highest, others halfway between their neighbours. Equal designs
    share a rung; so do different ones where doubles can halve a gap no further.
    """

    def __init__(self) -> None:
        self._keys: list[tuple[float, ...]] = []
        self._rungs: list[float] = []

    def place(
        self, losses: Float[ndarray, "n m"], violations: Float[ndarray, " n"]
    ) -> Float[ndarray, " n"]:
        """Rungs of new designs, the lower the better; all finite."""
        keys = np.column_stack([violations, losses]).tolist()
        return np.array([self._rung(tuple(key)) for key in keys])

    def _rung(self, key: tuple[float, ...]) -> float:
        i = bisect_left(self._keys, key)
        if i == len(self._keys) or self._keys[i] != key:
            self._rungs.insert(i, self._between(i))
            self._keys.insert(i, key)
        return self._rungs[i]

    def _between(self, i: int) -> float:
        """A new rung below the present `i`-th."""
        if not self._rungs:
            return 0.0
        if i == 0:
            return self._rungs[0] - 1.0
        if i == len(self._rungs):
            return self._rungs[-1] + 1.0
        return (self._rungs[i - 1] + self._rungs[i]) / 2.0
