"""Accuracy from a table: every network of a finite space, trained by others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.errors import CosearchError


@dataclass(frozen=True)
class TabularAccuracy:
    """`figures[i]` is of the genome whose place in lexicographic order is i."""

    name: str
    source: str
    cardinalities: tuple[int, ...]  # choices of each knob
    figures: Float[ndarray, " networks"]  # fraction right, 0 to 1
    price: str = "nothing: looked up in a table"

    def __post_init__(self) -> None:
        if len(self.figures) != np.prod(self.cardinalities):
            raise CosearchError(
                f"table {self.name}: {len(self.figures)} networks, "
                f"{np.prod(self.cardinalities)} are needed"
            )
        if not ((self.figures >= 0) & (self.figures <= 1)).all():
            raise CosearchError(f"table {self.name}: accuracies must be 0 to 1")

    def __call__(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """Look up."""
        return self.figures[np.ravel_multi_index(tuple(genomes.T), self.cardinalities)]
