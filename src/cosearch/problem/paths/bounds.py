"""How good what begins like this can still become: Lagrangian bounds on partial paths.

For weights w >= 0, no path within the limits scores more than its score + w x (1 - cost / limit),
and the most of that over all completions is a dynamic program without limits. The bound of a few
weights is taken, the least counts. Good weights are those whose bound of all paths is least: they
are found by bisection, limit by limit, and the paths met on the way are good ones to begin with.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.problem.paths.backward import Completions, Usable, best_along

_BISECTIONS: Final = 20
_DOUBLINGS: Final = 60
_SWEEPS: Final = 3
_ABOUT: Final = (0.5, 0.8, 1.25, 2.0)  # times the best weights: for what begins unlike the best
_GRID: Final = {1: 2, 2: 5, 3: 3}  # weights tried per limit where violations count

Path = Int[ndarray, " t"]


@dataclass(frozen=True)
class Bound:
    """Weights of the limits, and what completions are worth under them."""

    weights: Float[ndarray, " m"]
    values: Completions

    def beyond(
        self, level: int, node: Int[ndarray, " n"], ratios: Float[ndarray, "n m"]
    ) -> Float[ndarray, " n"]:
        """What may come on top of the score so far; `ratios` are costs so far over limits."""
        return self.values[level][node] + (1.0 - ratios) @ self.weights


def least(
    bounds: Sequence[Bound],
    level: int,
    node: Int[ndarray, " n"],
    ratios: Float[ndarray, "n m"],
) -> Float[ndarray, " n"]:
    """The least of several bounds."""
    found = np.full(len(node), np.inf)
    for bound in bounds:
        np.minimum(found, bound.beyond(level, node, ratios), out=found)
    return found


class Weighing:
    """Seeks good weights; `paths` are all that were met."""

    def __init__(self, usable: Usable) -> None:
        self._usable = usable
        self.paths: list[Path] = []

    def scored(self) -> list[Bound]:
        """Bounds on the score."""
        limits = len(self._usable.limits)
        none = np.zeros(limits)
        found = [self._solve(none, [j]) for j in range(limits)]
        if limits > 1:
            found.append(self._solve(none, list(range(limits)) * _SWEEPS))
        weights = [none, *found, *(found[-1] * factor for factor in _ABOUT)] if found else [none]
        return [self._bound(w)[0] for w in _distinct(weights)]

    def within(self) -> list[Bound]:
        """Bounds that fall below 0 where the limits can no longer be met, all at once."""
        return [self._bound(w, scored=False)[0] for w in self._mixtures() if w.any()]

    def violated(self) -> list[Bound]:
        """Bounds on the violation's negative, the sum of the relative excesses."""
        return [self._bound(w, scored=False)[0] for w in self._mixtures()]

    def _mixtures(self) -> Iterator[ndarray]:
        limits = len(self._usable.limits)
        steps = np.linspace(0.0, 1.0, _GRID.get(limits, 2))
        for weights in itertools.product(steps, repeat=limits):
            yield np.array(weights)

    def _solve(self, weights: ndarray, order: Sequence[int]) -> ndarray:
        for limit in order:
            weights = self._bisect(weights, limit)
        return weights

    def _bisect(self, weights: ndarray, limit: int) -> ndarray:
        """The least weight of one limit under which it is met, the others' staying."""

        def at(weight: float) -> ndarray:
            changed = weights.copy()
            changed[limit] = weight
            return changed

        if self._met(at(0.0), limit):
            return at(0.0)
        low, high = 0.0, _scale(self._usable)
        for _ in range(_DOUBLINGS):
            if self._met(at(high), limit):
                break
            low, high = high, 4 * high
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (low, middle) if self._met(at(middle), limit) else (middle, high)
        return at(high)

    def _met(self, weights: ndarray, limit: int) -> bool:
        path = self._bound(weights)[1]
        return bool(self._usable.cost(path)[limit] <= self._usable.limits[limit])

    def _bound(self, weights: ndarray, *, scored: bool = True) -> tuple[Bound, Path]:
        edges, values = self._usable.weighted(weights, scored=scored)
        path = best_along(self._usable.graph, edges, values)
        self.paths.append(path)
        return Bound(weights, values), path


def _scale(usable: Usable) -> float:
    """How far scores of paths can lie apart, to begin the search of weights with."""
    finite = [score[np.isfinite(score)] for score in usable.scores]
    return sum(float(np.ptp(score)) for score in finite if len(score)) or 1.0


def _distinct(weights: Sequence[ndarray]) -> list[ndarray]:
    return list({w.tobytes(): w for w in weights}.values())
