"""Steps of one knob and of two at once: where a limit binds, one pays for the other."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int
from numpy import ndarray

from cosearch.search.evolutionary.evolution import mutate
from cosearch.space import Space


def moved(
    space: Space, genomes: Int[ndarray, "n d"], rng: np.random.Generator
) -> Int[ndarray, "n d"]:
    """Each genome a move away, a third each: one knob, two knobs, a trade.

    One knob changes (of a part, or of several parts at once: see `mutate`). Or two. Or one goes a
    choice or two up and another one down, as where the area for more lanes comes from memory.
    """
    kind = rng.integers(0, 3, size=len(genomes))[:, None]
    one = mutate(space, genomes, rng)
    two = mutate(space, one, rng)
    return np.where(kind == 0, one, np.where(kind == 1, two, _traded(space, genomes, rng)))


def _traded(
    space: Space, genomes: Int[ndarray, "n d"], rng: np.random.Generator
) -> Int[ndarray, "n d"]:
    """One knob up and another down; only those that can."""
    active = space.active(genomes)
    children = genomes.copy()
    rows = np.arange(len(genomes))
    up = _any_of(active & (genomes < space.cardinalities - 1), rng)
    able = active & (genomes > 0)
    able[rows, up] = False
    down = _any_of(able, rng)
    for knob, sign in ((up, 1), (down, -1)):
        children[rows, knob] += sign * rng.integers(1, 3, size=len(genomes))
    return space.canonical(np.clip(children, 0, space.cardinalities - 1))


def _any_of(able: Bool[ndarray, "n d"], rng: np.random.Generator) -> Int[ndarray, " n"]:
    """An able knob of each row; where there is none, any."""
    return np.argmax(able + rng.random(able.shape), axis=1)
