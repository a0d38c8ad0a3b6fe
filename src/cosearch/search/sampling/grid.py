"""Exhaustive search: every design once, in order."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.space import Space, following


class Grid:
    """Every canonical design once, the last knob fastest, all first choices first; then random.

    The order is that of sorted rows. Spaces of any size and depth of conditions will do: a batch
    is found from where the last one ended, not by counting through what conditions switch off.
    """

    def __init__(self, space: Space, rng: np.random.Generator) -> None:
        self.space = space
        self._rng = rng
        self._next: Int[ndarray, " d"] | None = np.zeros(len(space), dtype=np.int64)

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """The next `n`; random ones in place of those that are wanting at the end."""
        if self._next is None:
            return self.space.sample(self._rng, n)
        rows = following(self.space, self._next, n + 1)
        self._next = rows[n] if len(rows) > n else None
        return np.concatenate([rows[:n], self.space.sample(self._rng, max(n - len(rows), 0))])

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Ignore it."""
