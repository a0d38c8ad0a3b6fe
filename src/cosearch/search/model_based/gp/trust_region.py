"""Where a model of few designs is trusted: near them."""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cosearch.space import Space

_LEAST: Final = 0.2
_GROWTH: Final = 0.3
_PACE: Final = 5.0
_EVERYWHERE: Final = 0.5
_COARSE: Final = 4  # choices, up to which a step is larger than any useful radius


class TrustRegion:
    """Boxes around the designs that were told, as OSS Vizier has them.

    Their half width is 0.2 at first and grows by 0.3 of a knob's range with every 5 (d + 1)
    designs; beyond 0.5 there is no bound. Knobs of words, of few choices, or switched off in
    either design do not count.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self._counts = np.array(
            [
                len(knob.choices) > _COARSE and all(type(c) in (int, float) for c in knob.choices)
                for knob in space.knobs
            ]
        )

    def radius(self, known: int) -> float:
        """Half width after so many designs."""
        return _LEAST + _GROWTH * known / (_PACE * (len(self._space) + 1))

    def holds(
        self, genomes: Int[ndarray, "n d"], known: Int[ndarray, "k d"]
    ) -> Bool[ndarray, " n"]:
        """Which designs lie in the box around one of the known."""
        radius = self.radius(len(known))
        if radius > _EVERYWHERE or not len(known):
            return np.ones(len(genomes), dtype=bool)
        apart = np.abs(self._places(genomes)[:, None] - self._places(known)[None])
        return (np.nan_to_num(apart).max(axis=2) <= radius).any(axis=1)

    def _places(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, "n d"]:
        """Of each choice within its knob, 0 to 1; NaN where a knob does not count."""
        places = genomes / np.maximum(self._space.cardinalities - 1, 1)
        return np.where(self._space.active(genomes) & self._counts, places, np.nan)
