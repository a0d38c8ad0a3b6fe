"""Designs that have been told, as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.space import Space


@dataclass(frozen=True)
class Population:
    """Genomes with their losses and violations; `born` counts the designs told before each."""

    genomes: Int[ndarray, "n d"]
    losses: Float[ndarray, "n m"]
    violations: Float[ndarray, " n"]
    born: Int[ndarray, " n"]

    @classmethod
    def empty(cls, space: Space) -> Population:
        """Nobody yet; the first newcomers say how many losses there are."""
        nobody = np.empty((0, len(space)), dtype=np.int64)
        return cls(nobody, np.empty((0, 0)), np.empty(0), np.empty(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.genomes)

    def __getitem__(self, rows: ndarray | slice) -> Population:
        return Population(
            self.genomes[rows], self.losses[rows], self.violations[rows], self.born[rows]
        )

    def joined(
        self,
        genomes: Int[ndarray, "k d"],
        losses: Float[ndarray, "k m"],
        violations: Float[ndarray, " k"],
        told: int,
    ) -> Population:
        """With newcomers behind, `told` designs having been told before them."""
        if not len(self):
            return Population(genomes, losses, violations, told + np.arange(len(genomes)))
        return Population(
            np.concatenate([self.genomes, genomes]),
            np.concatenate([self.losses, losses]),
            np.concatenate([self.violations, violations]),
            np.concatenate([self.born, told + np.arange(len(genomes))]),
        )
