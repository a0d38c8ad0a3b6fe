"""Children of two parents: crossover and mutation that respect conditions, parts, canonical form.

What breeding strategies share. Everything works on whole batches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from jaxtyping import Bool, Int
from numpy import ndarray

from cosearch.space import Space

_REDRAWS: Final = 6


def crossover(
    space: Space,
    mothers: Int[ndarray, "n d"],
    fathers: Int[ndarray, "n d"],
    rng: np.random.Generator,
) -> Int[ndarray, "n d"]:
    """Each knob from either parent; a knob that counts in one parent only is that one's.

    Of a product (a network and its chip) every part is the mother's, the father's, or mixed knob
    by knob, all alike likely: what fits together may stay together.
    """
    shares = np.full((len(mothers), len(space.parts)), 0.5)
    if len(space.parts) > 1:
        shares = rng.integers(0, 3, size=shares.shape) / 2
    coin = rng.random(mothers.shape) < np.repeat(shares, space.parts, axis=1)
    hers, his = space.active(mothers), space.active(fathers)
    return space.canonical(np.where(np.where(hers == his, coin, hers), mothers, fathers))


def scatter(
    space: Space,
    genomes: Int[ndarray, "n d"],
    rng: np.random.Generator,
    *,
    per_part: float = 1.0,
    near: float = 0.0,
) -> Int[ndarray, "n d"]:
    """Change every knob with a chance that makes `per_part` changes in each part on average.

    A changed knob takes a neighbouring choice with chance `near` (choices are ordered), else any
    other. A knob that a change switches on takes any of its choices (`awake`).
    """
    start = awake(space, genomes, rng)
    chance = per_part / np.repeat(space.parts, space.parts)
    changed = (rng.random(genomes.shape) < chance) & (space.cardinalities > 1)
    others = np.maximum(space.cardinalities - 1, 1)
    far = (start + 1 + _below(others, genomes, rng)) % space.cardinalities
    close = np.where(rng.random(genomes.shape) < near, _beside(space, start, rng), far)
    return space.canonical(np.where(changed, close, start))


def awake(
    space: Space, genomes: Int[ndarray, "n d"], rng: np.random.Generator
) -> Int[ndarray, "n d"]:
    """Knobs that are off take any of their choices, for a change may switch them on.

    Canonical form had them at 0, which nobody chose.
    """
    return np.where(space.active(genomes), genomes, _below(space.cardinalities, genomes, rng))


def _beside(
    space: Space, genomes: Int[ndarray, "n d"], rng: np.random.Generator
) -> Int[ndarray, "n d"]:
    """The choice above or below; at an end, the one there is."""
    step = np.where(rng.random(genomes.shape) < 0.5, -1, 1)
    step = np.where(genomes == 0, 1, np.where(genomes == space.cardinalities - 1, -1, step))
    return genomes + step


def _below(
    ends: Int[ndarray, " d"], like: Int[ndarray, "n d"], rng: np.random.Generator
) -> Int[ndarray, "n d"]:
    """Integers below `ends`; faster than `rng.integers` with an array of ends."""
    return (rng.random(like.shape) * ends).astype(np.int64)


Breed = Callable[[int, int], Int[ndarray, "k d"]]  # (how many, which attempt) -> children


@dataclass
class Tried:
    """Which designs have been told, so that none is paid for twice."""

    _keys: set[bytes] = field(default_factory=set)

    def note(self, genomes: Int[ndarray, "n d"]) -> None:
        """Remember designs."""
        self._keys.update(_keys(genomes))

    def new(self, genomes: Int[ndarray, "n d"]) -> Bool[ndarray, " n"]:
        """Which are neither told nor a repetition of an earlier row."""
        keys = _keys(genomes)
        first = dict(zip(reversed(keys), range(len(keys) - 1, -1, -1), strict=True))
        return np.array(
            [first[key] == i and key not in self._keys for i, key in enumerate(keys)], dtype=bool
        )

    def unseen(self, breed: Breed, n: int) -> Int[ndarray, "n d"]:
        """`n` children, new ones as far as a bounded number of redraws finds them."""
        children = breed(n, 0)
        for attempt in range(1, _REDRAWS + 1):
            stale = ~self.new(children)
            if not stale.any():
                break
            children[stale] = breed(int(stale.sum()), attempt)
        return children


def _keys(genomes: Int[ndarray, "n d"]) -> list[bytes]:
    return [row.tobytes() for row in genomes.astype(np.uint32)]
