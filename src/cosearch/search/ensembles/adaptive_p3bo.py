"""Adaptive-P3BO (Angermueller et al., ICML 2020): the population of optimizers evolves too."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.ensembles.members import MEMBERS
from cosearch.search.ensembles.p3bo import P3BO
from cosearch.search.evolutionary.evolution import mutate
from cosearch.search.known import Excess
from cosearch.search.prior import Prior
from cosearch.space import Choice, Space


class AdaptiveP3BO:
    """P3BO whose poorest member is replaced, each round, by a mutated copy of a rich one.

    The parent wins a tournament of credit; one of its hyper-parameters changes, or its kind. The
    child inherits its credit. Begins after as many rounds as there are members; options are P3BO's.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.Generator,
        *,
        excess: Excess | None = None,
        tournament: int = 3,
        **options: Any,
    ) -> None:
        self.tournament = tournament
        self.p3bo = P3BO(space, rng, excess=excess, **options)
        (self._rng,) = rng.spawn(1)

    def learn_from(self, prior: Prior) -> None:
        """As P3BO."""
        self.p3bo.learn_from(prior)

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """As P3BO."""
        return self.p3bo.ask(n)

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """As P3BO, then let the members evolve."""
        self.p3bo.tell(genomes, losses, violations)
        if self.p3bo.rounds > len(self.p3bo.members):
            self._evolve()

    def _evolve(self) -> None:
        credit = self.p3bo.credit
        poorest = int(np.argmin(credit))
        entrants = self._rng.integers(0, len(credit), size=self.tournament)
        parent = int(entrants[np.argmax(credit[entrants])])
        if credit[parent] > credit[poorest]:
            child = _mutated(self.p3bo.members[parent], self._rng)
            self.p3bo.replace(poorest, child, float(credit[parent]))


def _mutated(values: dict[str, Choice], rng: np.random.Generator) -> dict[str, Choice]:
    """Another member, one choice apart."""
    return MEMBERS.values(mutate(MEMBERS, MEMBERS.encode(values)[None], rng)[0])
