"""A genetic algorithm as Apollo's (arXiv 2102.01723): tournaments, crossover, mutation, ageing."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.evolutionary.breeding import Tried, crossover, scatter
from cosearch.search.evolutionary.population import Population
from cosearch.search.optimizer import ranks
from cosearch.space import Space


class GeneticAlgorithm:
    """The best of the living breed: parents by tournament, crossover, mutation; the old die.

    A design lives for `max_age` further trials; of the living the best `population` are parents.
    A child has two parents with chance `crossover` (else one), and `mutation` knobs of each part
    changed on average. Designs told before are bred anew, each time with more mutation, so that
    the neighbourhood grows as it is used up. Apollo names the operators and not their numbers:
    the defaults are ours.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.Generator,
        *,
        population: int = 50,
        tournament: int = 5,
        crossover: float = 0.7,
        mutation: float = 2.0,
        near: float = 0.5,
        max_age: int = 1000,
    ) -> None:
        self.space = space
        self.population = population
        self.tournament = tournament
        self.crossover = crossover
        self.mutation = mutation
        self.near = near
        self.max_age = max_age
        self._rng = rng
        self._parents = Population.empty(space)  # the best first
        self._tried = Tried()
        self._told = 0

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """Random designs until there are `population`, then children."""
        if self._told < self.population:
            return self._tried.unseen(lambda k, _: self.space.sample(self._rng, k), n)
        return self._tried.unseen(self._breed, n)

    def _breed(self, n: int, attempt: int) -> Int[ndarray, "n d"]:
        mothers, fathers = self._select(n), self._select(n)
        two = self._rng.random((n, 1)) < self.crossover
        mixed = crossover(self.space, mothers, fathers, self._rng)
        children = np.where(two, mixed, mothers)
        changes = self.mutation * (1 + attempt)
        return scatter(self.space, children, self._rng, per_part=changes, near=self.near)

    def _select(self, n: int) -> Int[ndarray, "n d"]:
        """Winners of `n` tournaments; parents are in order, so the least index wins."""
        entrants = self._rng.integers(0, len(self._parents), size=(n, self.tournament))
        return self._parents.genomes[entrants.min(axis=1)]

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Newcomers join, the old die, the best of the living stay."""
        everyone = self._parents.joined(genomes, losses, violations, self._told)
        self._told += len(genomes)
        self._tried.note(genomes)
        living = everyone[everyone.born >= self._told - self.max_age]
        order = np.argsort(ranks(living.losses, living.violations), kind="stable")
        self._parents = living[order[: self.population]]
