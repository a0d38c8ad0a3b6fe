"""A score in the place of an accuracy: it ranks networks, and is a share of nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.problem.goals import METRICS


@dataclass(frozen=True)
class Score:
    """What a problem's `accuracy` gives, where only the order counts, as of a zero-cost proxy.

    Losses and records hold the score itself, under its name. The rewards of the literature expect
    a share; they are told `quality`, which needs `middle` and `spread`: the median and the
    distance between the quartiles of a fixed sample of the space.
    """

    name: str
    middle: float = 0.0
    spread: float | None = None

    def __post_init__(self) -> None:
        if not self.name or self.name in METRICS:
            raise CosearchError(f"score {self.name!r}: needs a name that no metric has")

    @classmethod
    def against(cls, name: str, sample: Float[ndarray, " n"]) -> Score:
        """By the scores of a sample; those that are not finite are left out.

        Raises `CosearchError` where they do not differ.
        """
        known = sample[np.isfinite(sample)]
        low, middle, high = np.quantile(known, (0.25, 0.5, 0.75)) if len(known) else (0.0,) * 3
        if not high > low:
            raise CosearchError(
                f"score {name}: is the same for most of {len(sample)} networks of the space; "
                "no reward can be made of it, only reward 'lexicographic' will do"
            )
        return cls(name, float(middle), float(high - low))

    def quality(self, scores: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
        """Between 0 and 1, in the order of the scores, NaN of what is not finite.

        (1 + z / (1 + |z|)) / 2 of z = (score - middle) / spread: 1/2 at the sample's median, 3/4
        one spread above it. Unlike a rank, it still tells apart what is beyond the sample.
        """
        z = (np.where(np.isfinite(scores), scores, np.nan) - self.middle) / (self.spread or 1.0)
        return (1.0 + z / (1.0 + np.abs(z))) / 2.0

    def describe(self) -> dict[str, Any]:
        """For manifests."""
        return {"name": self.name, "middle": self.middle, "spread": self.spread}
