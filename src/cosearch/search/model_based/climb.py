"""Evolution of designs towards a high acquisition, which costs no trial."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.ground import Ground
from cosearch.search.model_based.moves import moved

_GENERATIONS: Final = 8

Score = Callable[[Int[ndarray, "n d"]], Float[ndarray, " n"]]


def climbed(
    ground: Ground,
    start: Int[ndarray, "n d"],
    score: Score,
    rng: np.random.Generator,
    size: int = 256,
) -> Int[ndarray, "k d"]:
    """The designs of highest score met on the way from `start`, the highest first."""
    pool = np.unique(ground.admissible(start), axis=0)
    if not len(pool):
        return start
    scores = score(pool)
    for _ in range(_GENERATIONS):
        order = np.argsort(-scores, kind="stable")[: 2 * size]
        pool, scores = pool[order], scores[order]
        parents = pool[rng.integers(0, min(len(pool), size // 2), size=size)]
        children = ground.admissible(moved(ground.space, parents, rng))
        if len(children):
            pool, first = np.unique(np.concatenate([pool, children]), axis=0, return_index=True)
            scores = np.concatenate([scores, score(children)])[first]
    return pool[np.argsort(-scores, kind="stable")]
