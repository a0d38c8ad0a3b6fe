"""Quasi-random search: a randomised Halton sequence over the choices."""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.space import Space

_RESOLUTION: Final = 2.0**-32  # digits finer than this move no choice


class QuasiRandom:
    """Random search that covers each knob, and pairs of early knobs, more evenly than chance.

    Halton's sequence, one prime base per knob, every digit permuted at random (Owen, arXiv
    1706.02808). Independent of what was told and of how the points are cut into batches. The
    evenness is of single knobs after `base` points, so late knobs of long genomes gain little.
    Our own lines because SciPy, which has it, is no dependency of the core.
    """

    def __init__(self, space: Space, rng: np.random.Generator) -> None:
        self.space = space
        self._permutations = [_permutations(base, rng) for base in _primes(len(space))]
        self._next = 0

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """The next `n` points, as choices."""
        index = np.arange(self._next, self._next + n)
        self._next += n
        unit = np.stack([_radical_inverse(index, p) for p in self._permutations], axis=1)
        return self.space.canonical((unit * self.space.cardinalities).astype(np.int64))

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Ignore it."""


def _permutations(base: int, rng: np.random.Generator) -> Int[ndarray, "places base"]:
    """One permutation of the digits for each place down to the resolution."""
    places = int(np.ceil(np.log(_RESOLUTION) / -np.log(base)))
    return rng.permuted(np.tile(np.arange(base), (places, 1)), axis=1)


def _radical_inverse(
    index: Int[ndarray, " n"], permutations: Int[ndarray, "places base"]
) -> Float[ndarray, " n"]:
    """The digits of `index`, permuted, mirrored at the point; in [0, 1)."""
    places, base = permutations.shape
    weights = float(base) ** np.arange(places)
    digits = (index[:, None] // weights.astype(np.int64)) % base
    return (permutations[np.arange(places), digits] / (weights * base)).sum(axis=1)


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found
