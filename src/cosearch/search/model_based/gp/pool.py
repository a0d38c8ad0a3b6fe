"""Designs of high score: evolution from the best known ones, then single knobs of the winners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.evolutionary.breeding import crossover, scatter
from cosearch.space import Space

_DIVERSE: Final = 5  # generations, after which designs are not alike yet
_CHILDREN: Final = 400
_KEPT: Final = 400
_PARENTS: Final = 100
_CLIMBED: Final = 4
_CLIMBS: Final = 2

Score = Callable[[Int[ndarray, "n d"]], Float[ndarray, " n"]]
Fresh = Callable[[Int[ndarray, "n d"]], Int[ndarray, "k d"]]


def pool(
    space: Space,
    rng: np.random.Generator,
    score: Score,
    fresh: Fresh,
    known: Int[ndarray, "k d"],
    others: Int[ndarray, "m d"],
    generations: int,
) -> Int[ndarray, "n d"]:
    """Distinct fresh designs, the most promising first; then those of an early generation.

    The last ones are much alike: a batch of them alone is soon stuck where the model is wrong.

    `known` are good designs that were told; they breed but are not returned. `fresh` drops what
    must not be proposed. Children have one, two or three changes on average: near the end of a
    search a better design differs in a few knobs, of which one pays for the other.
    """
    found, scores = _best(others[:0], np.empty(0), fresh(others), score)
    early = found[:0]
    for generation in range(generations):
        if generation == _DIVERSE:
            early = found
        parents = np.concatenate([found[:_PARENTS], known])
        children = fresh(_children(space, rng, parents))
        found, scores = _best(found, scores, children, score)
    for _ in range(_CLIMBS):
        beside = [neighbours(space, genome) for genome in found[:_CLIMBED]]
        found, scores = _best(found, scores, fresh(np.concatenate([found[:0], *beside])), score)
    return np.concatenate([found, _others(early, found)])


def neighbours(space: Space, genome: Int[ndarray, " d"]) -> Int[ndarray, "n d"]:
    """Every design that differs in the choice of one knob, canonical."""
    knobs = np.repeat(np.arange(len(space)), space.cardinalities)
    choices = np.concatenate([np.arange(n) for n in space.cardinalities])
    rows = np.repeat(genome[None], len(knobs), axis=0)
    rows[np.arange(len(knobs)), knobs] = choices
    return space.canonical(rows)


def _children(
    space: Space, rng: np.random.Generator, parents: Int[ndarray, "k d"]
) -> Int[ndarray, "n d"]:
    mothers, fathers = rng.integers(0, len(parents), size=(2, _CHILDREN))
    mixed = crossover(space, parents[mothers], parents[fathers], rng)
    bred = np.where(np.arange(_CHILDREN)[:, None] % 4 == 0, mixed, parents[mothers])
    thirds = np.array_split(bred, 3)
    return np.concatenate(
        [scatter(space, part, rng, per_part=1.0 + i, near=0.5) for i, part in enumerate(thirds)]
    )


def _best(
    found: Int[ndarray, "n d"],
    scores: Float[ndarray, " n"],
    more: Int[ndarray, "m d"],
    score: Score,
) -> tuple[Int[ndarray, "k d"], Float[ndarray, " k"]]:
    """The best of both, distinct."""
    more = _others(more, found)
    if not len(more):
        return found, scores
    found, scores = np.concatenate([found, more]), np.concatenate([scores, score(more)])
    order = np.argsort(-scores, kind="stable")[:_KEPT]
    return found[order], scores[order]


def _others(genomes: Int[ndarray, "n d"], found: Int[ndarray, "m d"]) -> Int[ndarray, "k d"]:
    """Those that are not among the found."""
    known = {genome.tobytes() for genome in found}
    return genomes[[genome.tobytes() not in known for genome in genomes]]
