"""What a search over paths is after: the highest score within limits, or the least violation.

An aim says what a whole path is worth, -inf where it does not count, and what partial paths that
have come to a level promise: at most this, and at the end exactly this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.problem.paths.backward import Usable
from cosearch.problem.paths.bounds import Bound, Path, least

SLACK: Final = 1e-12  # relative: sums in another order differ by as much


@dataclass(frozen=True)
class Highest:
    """The score, of paths within all limits."""

    usable: Usable
    scored: list[Bound]
    within: list[Bound]

    def worth(self, path: Path) -> float:
        """Its score."""
        met = bool((self.usable.cost(path) <= self.usable.limits).all())
        return self.usable.score(path) if met else -np.inf

    def promise(
        self,
        level: int,
        node: Int[ndarray, " n"],
        score: Float[ndarray, " n"],
        cost: Float[ndarray, "n m"],
    ) -> Float[ndarray, " n"]:
        """-inf where no completion keeps the limits."""
        if level == len(self.usable.graph.levels):
            return np.where((cost <= self.usable.limits).all(axis=1), score, -np.inf)
        ratios = cost / self.usable.limits
        may = least(self.within, level, node, ratios) >= -SLACK * (1 + np.abs(ratios).sum(axis=1))
        return np.where(may, score + least(self.scored, level, node, ratios), -np.inf)


@dataclass(frozen=True)
class Nearest:
    """The negative of the violation: the sum of the relative excesses."""

    usable: Usable
    bounds: list[Bound]

    def worth(self, path: Path) -> float:
        """At most 0."""
        if np.isneginf(self.usable.score(path)):
            return -np.inf
        return -float(_excess(self.usable.cost(path)[None] / self.usable.limits)[0])

    def promise(
        self,
        level: int,
        node: Int[ndarray, " n"],
        score: Float[ndarray, " n"],
        cost: Float[ndarray, "n m"],
    ) -> Float[ndarray, " n"]:
        """What the costs so far leave."""
        ratios = cost / self.usable.limits
        if level == len(self.usable.graph.levels):
            return np.where(np.isneginf(score), score, -_excess(ratios))
        return score + least(self.bounds, level, node, ratios)


Aim = Highest | Nearest


def _excess(ratios: Float[ndarray, "n m"]) -> Float[ndarray, " n"]:
    return np.maximum(ratios - 1.0, 0.0).sum(axis=1)
