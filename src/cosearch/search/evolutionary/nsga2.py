"""NSGA-II (Deb et al., IEEE TEC 2002) for several objectives, with constrained domination."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.evolutionary.breeding import Tried, crossover, scatter
from cosearch.search.evolutionary.domination import crowding, fronts
from cosearch.search.evolutionary.population import Population
from cosearch.space import Space


class NSGA2:
    """Parents by binary tournament on (front, crowding); parents and children compete to survive.

    Every loss is an objective of its own; their order does not matter. A design told twice lives
    once, and designs told before are bred anew with more mutation each time (the original keeps
    repeats: its variables are continuous). Batches of any size: `n = population` is the published
    generation.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.Generator,
        *,
        population: int = 100,
        crossover: float = 0.9,
        mutation: float = 1.0,
        near: float = 0.5,
    ) -> None:
        self.space = space
        self.population = population
        self.crossover = crossover
        self.mutation = mutation
        self.near = near
        self._rng = rng
        self._parents = Population.empty(space)  # the fittest first
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
        """Winners of `n` binary tournaments; parents are in order, so the least index wins."""
        entrants = self._rng.integers(0, len(self._parents), size=(n, 2))
        return self._parents.genomes[entrants.min(axis=1)]

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """The fittest `population` of parents and new designs survive."""
        new = self._tried.new(genomes)
        self._tried.note(genomes)
        everyone = self._parents.joined(genomes[new], losses[new], violations[new], self._told)
        self._told += len(genomes)
        front = fronts(everyone.losses, everyone.violations, enough=self.population)
        order = np.lexsort((-crowding(everyone.losses, front), front))
        self._parents = everyone[order[: self.population]]
