"""Random search: the baseline every other strategy must beat."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.space import Space


class RandomSearch:
    """Every knob uniform, independent of what was told."""

    def __init__(self, space: Space, rng: np.random.Generator) -> None:
        self.space = space
        self._rng = rng

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """Draw `n` genomes."""
        return self.space.sample(self._rng, n)

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Ignore it."""
