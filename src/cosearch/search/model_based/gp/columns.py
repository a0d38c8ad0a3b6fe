"""What a process sees of a design: numbers, and which choice it is."""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.model_based.features import Features, is_words
from cosearch.space import Space

_FEWEST: Final = 3  # choices, below which numbers say all


class Columns:
    """Genomes (n, d) -> columns (n, f): the features, and one per choice of a knob of numbers.

    The numbers let near choices be alike, the others let one be peculiar: 8 PEs may divide a layer
    where neither 6 nor 10 do. `groups` numbers the length scales, one for the choices of a knob.
    """

    def __init__(self, space: Space) -> None:
        self._features = Features(space)
        self._knobs = [
            i
            for i, knob in enumerate(space.knobs)
            if len(knob.choices) >= _FEWEST and not is_words(knob)
        ]
        counts = space.cardinalities[self._knobs].astype(np.int64)
        choices = np.repeat(np.arange(len(counts)), counts)
        numbers = self._features.groups
        self.mixed = len(numbers)  # columns that may be mixed with each other: the features
        self.groups: Int[ndarray, " f"] = np.concatenate([numbers, numbers.max() + 1 + choices])
        self._tables = [np.eye(count) for count in counts]

    def __call__(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, "n f"]:
        """The columns of these designs; those of a knob that does not count are 0."""
        counts = self._features.space.active(genomes)
        chosen = [
            table[genomes[:, i]] * counts[:, i, None]
            for i, table in zip(self._knobs, self._tables, strict=True)
        ]
        return np.concatenate([self._features(genomes), *chosen], axis=1)
