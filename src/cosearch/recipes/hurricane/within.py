"""A narrowed space as a part of the space it was narrowed from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.accuracy import Accuracy
from cosearch.space import Space


@dataclass(frozen=True)
class Within:
    """Genomes of `narrow` as genomes of `wide`: the same knobs, choices by their values."""

    narrow: Space
    wide: Space

    @cached_property
    def _choices(self) -> list[Int[ndarray, " c"]]:
        """By knob: where the narrow one's choices stand among the wide one's."""
        pairs = zip(self.narrow.knobs, self.wide.knobs, strict=True)
        return [np.array([wide.choices.index(c) for c in knob.choices]) for knob, wide in pairs]

    def lift(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "n d"]:
        """The same networks in the wide space."""
        columns = [
            choices[column] for choices, column in zip(self._choices, genomes.T, strict=True)
        ]
        return np.stack(columns, axis=1)


@dataclass(frozen=True)
class LiftedAccuracy:
    """What an accuracy of the wide space says of the narrow one's networks."""

    inner: Accuracy
    within: Within

    @property
    def price(self) -> str:
        """The inner one's."""
        return self.inner.price

    def __call__(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """Fraction right."""
        return self.inner(self.within.lift(genomes))
