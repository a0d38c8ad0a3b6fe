"""The single-mutant walker: the simplest member of P3BO's population."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.evolutionary.evolution import mutate
from cosearch.search.history import History
from cosearch.space import Space

_ATTEMPTS = 4


class SingleMutantWalker:
    """Steps of one knob from the best `elite` designs ever told, never to where one was before."""

    def __init__(self, space: Space, rng: np.random.Generator, *, elite: int = 4) -> None:
        self.space = space
        self.elite = elite
        self._rng = rng
        self._history = History(space)

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """New neighbours of the elite; random designs where there are none left."""
        steps = np.empty((0, len(self.space)), dtype=np.int64)
        if len(self._history):
            elite = self._history.best(self.elite)
            parents = elite[self._rng.integers(0, len(elite), size=_ATTEMPTS * n)]
            steps = self._history.fresh(mutate(self.space, parents, self._rng))[:n]
        drawn = self._history.draw(self.space, self._rng, n - len(steps))
        asked = np.concatenate([steps, drawn])
        self._history.note(asked)
        return asked

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Remember them."""
        self._history.add(genomes, losses, violations)
