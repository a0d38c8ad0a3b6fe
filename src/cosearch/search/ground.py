"""Where a search may go: a space, and the part of it that is admissible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.search.history import History
from cosearch.search.known import Excess, repair
from cosearch.space import Space

_ATTEMPTS: Final = 3


@dataclass(frozen=True)
class Ground:
    """All of a space, or what keeps the limits known beforehand."""

    space: Space
    excess: Excess | None = None

    def admissible(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "k d"]:
        """Those that keep the limits."""
        return genomes if self.excess is None else genomes[self.excess(genomes) <= 0]

    def sample(self, rng: np.random.Generator, n: int) -> Int[ndarray, "n d"]:
        """Uniform designs; those beyond the limits repaired, as far as repair gets there."""
        genomes = self.space.sample(rng, n)
        return genomes if self.excess is None else repair(self.space, genomes, self.excess, rng)

    def draw(self, history: History, rng: np.random.Generator, n: int) -> Int[ndarray, "n d"]:
        """As `sample`, new to the history as far as a few attempts find them; it notes them."""
        drawn = np.empty((0, len(self.space)), dtype=np.int64)
        for _ in range(_ATTEMPTS if n else 0):
            fresh = history.fresh(self.sample(rng, 2 * n))
            drawn = np.concatenate([drawn, fresh])[:n]
            history.note(drawn)
            if len(drawn) == n:
                return drawn
        return np.concatenate([drawn, self.sample(rng, n - len(drawn))])
