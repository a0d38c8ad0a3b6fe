"""Differential evolution (Storn and Price, J. Global Optimization 1997) on indices of choices."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.evolutionary.breeding import Tried, awake, scatter
from cosearch.search.evolutionary.population import Population
from cosearch.search.optimizer import ranks
from cosearch.space import Space


class DifferentialEvolution:
    """A child is a parent moved by a share of the difference between two others of the best.

    Choices are ordered, so differences of indices mean something: what the best designs disagree
    about is what is tried, in the combinations in which they trade one knob for another, and steps
    shrink as they agree. The share is uniform in `scale`; every knob moves with a chance drawn for
    each child from `moves`. From differential evolution: the move. From evolution strategies: the
    best `population` designs ever told are parents (winners of two drawn), for a child competes
    with all. No design is paid for twice: a child told before is bred anew, each time with more
    mutation.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.Generator,
        *,
        population: int = 50,
        start: int = 32,
        scale: tuple[float, float] = (0.4, 1.0),
        moves: tuple[float, ...] = (0.3, 0.6, 0.9),
    ) -> None:
        self.space = space
        self.population = population
        self.start = start
        self.scale = scale
        self.moves = moves
        self._rng = rng
        self._parents = Population.empty(space)  # the best first
        self._tried = Tried()
        self._told = 0

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """Random designs until `start` are told, then children."""
        if self._told < self.start:
            return self._tried.unseen(lambda k, _: self.space.sample(self._rng, k), n)
        return self._tried.unseen(self._breed, n)

    def _breed(self, n: int, attempt: int) -> Int[ndarray, "n d"]:
        parents = self._parents.genomes[self._draw(n, 2).min(axis=1)]  # in order: least index wins
        one, other = (self._parents.genomes[self._draw(n, 1)[:, 0]] for _ in range(2))
        share = self._rng.uniform(*self.scale, size=(n, 1))
        moved = self._rng.random(parents.shape) < self._rng.choice(self.moves, size=(n, 1))
        both = self.space.active(one) & self.space.active(other)
        # Rounded up or down by chance, so that small differences count too.
        step = np.floor((one - other) * share + self._rng.random(parents.shape))
        at = awake(self.space, parents, self._rng) + np.where(moved & both, step, 0).astype(int)
        children = self.space.canonical(reflected(at, self.space.cardinalities - 1))
        if attempt:
            children = scatter(self.space, children, self._rng, per_part=float(attempt), near=0.5)
        return children

    def _draw(self, n: int, each: int) -> Int[ndarray, "n k"]:
        return self._rng.integers(0, len(self._parents), size=(n, each))

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """The best `population` of parents and new designs are the parents."""
        new = self._tried.new(genomes)
        self._tried.note(genomes)
        everyone = self._parents.joined(genomes[new], losses[new], violations[new], self._told)
        self._told += len(genomes)
        order = np.argsort(ranks(everyone.losses, everyone.violations), kind="stable")
        self._parents = everyone[order[: self.population]]


def reflected(at: Int[ndarray, "n d"], last: Int[ndarray, " d"]) -> Int[ndarray, "n d"]:
    """Indices beyond the ends come back by as much as they went beyond."""
    inside = np.where(at > last, 2 * last - at, np.abs(at))
    return np.minimum(np.abs(inside), last)
