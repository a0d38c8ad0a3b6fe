"""All that was told: each design once, in the order it came."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.search.optimizer import ranks
from cosearch.space import Space


class History:
    """Distinct designs with what they got; knows also what was asked for and not yet told.

    A loss that is not finite counts as a violation of inf, since such a design cannot run, unless
    it is told by how much it exceeds the limits.
    """

    def __init__(self, space: Space) -> None:
        self.genomes: Int[ndarray, "n d"] = np.empty((0, len(space)), dtype=np.int64)
        self.losses: Float[ndarray, "n m"] = np.empty((0, 1))
        self.violations: Float[ndarray, " n"] = np.empty(0)
        self._told: set[bytes] = set()
        self._asked: set[bytes] = set()

    def __len__(self) -> int:
        return len(self.genomes)

    @property
    def feasible(self) -> Bool[ndarray, " n"]:
        """Which designs meet every limit."""
        return self.violations <= 0

    def add(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Append what is new; of a design told twice the first word counts."""
        if not len(self):
            self.losses = np.empty((0, losses.shape[1]))
        if losses.shape[1] != self.losses.shape[1]:
            raise CosearchError(
                f"losses of {losses.shape[1]} columns: {self.losses.shape[1]} were told before"
            )
        new = _first_times(genomes, self._told)
        runs = np.isfinite(losses).all(axis=1)
        violations = np.where(runs | (violations > 0), violations, np.inf)
        self.genomes = np.concatenate([self.genomes, genomes[new]])
        self.losses = np.concatenate([self.losses, losses[new]])
        self.violations = np.concatenate([self.violations, violations[new]])

    def fresh(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "k d"]:
        """The distinct designs among these that were neither told nor asked for."""
        return genomes[_first_times(genomes, self._told | self._asked)]

    def note(self, genomes: Int[ndarray, "n d"]) -> None:
        """Remember designs as asked for."""
        self._asked.update(genome.tobytes() for genome in genomes)

    def best(self, n: int) -> Int[ndarray, "k d"]:
        """The best `n` designs, or all if there are fewer."""
        order = np.argsort(ranks(self.losses, self.violations), kind="stable")
        return self.genomes[order[:n]]

    def draw(self, space: Space, rng: np.random.Generator, n: int) -> Int[ndarray, "n d"]:
        """`n` uniform designs, new ones as far as a few attempts find them."""
        drawn = space.sample(rng, 4 * n)
        fresh = self.fresh(drawn)[:n]
        return np.concatenate([fresh, drawn[: n - len(fresh)]])


def _first_times(genomes: Int[ndarray, "n d"], seen: set[bytes]) -> Bool[ndarray, " n"]:
    """Which rows are not in `seen`, nor earlier among these; adds them to it."""
    new = np.zeros(len(genomes), dtype=bool)
    for i, genome in enumerate(np.ascontiguousarray(genomes, dtype=np.int64)):
        key = genome.tobytes()
        new[i] = key not in seen
        seen.add(key)
    return new
