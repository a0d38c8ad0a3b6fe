"""The largest and the smallest networks of a family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.deep.supernet.block import Genome
from cosearch.deep.supernet.sharing import is_elastic
from cosearch.space import Space

Sampler = Callable[[np.random.Generator, int], Int[ndarray, "n d"]]


def sandwich(
    family: Any, rng: np.random.Generator, n: int, sampler: Sampler | None = None
) -> list[Genome]:
    """A largest, a smallest and `n` random genomes, those from `sampler` if it is given.

    Operators have no size, so those of the largest and the smallest are drawn.
    """
    space: Space = family.space
    two = rng.integers(0, space.cardinalities, size=(2, len(space)))
    for row, pick in zip(two, (np.argmax, np.argmin), strict=True):
        row[:] = _at_end(space, row, pick)
    drawn = (sampler or space.sample)(rng, n)
    return [*space.canonical(two), *drawn]


def _at_end(space: Space, genome: Genome, pick: Callable[..., Any]) -> Genome:
    ends = [pick(knob.choices) if is_elastic(knob) else -1 for knob in space.knobs]
    return np.where(np.array(ends) < 0, genome, ends)
