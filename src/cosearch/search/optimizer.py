"""What a search must offer, and how it compares designs."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray


@runtime_checkable
class Optimizer(Protocol):
    """Batched ask/tell over genomes. Losses are minimised, violations come first.

    `tell` accepts strangers (designs never asked for), so replay and transfer are the same thing.
    All randomness comes from the generator given at construction: same seed, same proposals.
    """

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """Propose `n` canonical genomes."""
        ...

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Learn from evaluated designs; inf and repeated rows are fine, NaN is not."""
        ...


def ranks(losses: Float[ndarray, "n m"], violations: Float[ndarray, " n"]) -> Int[ndarray, " n"]:
    """Rank of each design, 0 the best: least violation first, then the goals in their order.

    Equal designs get equal ranks.
    """
    keys = np.column_stack([violations, losses])
    order = np.lexsort(keys.T[::-1])
    ordered = keys[order]
    new = np.ones(len(keys), dtype=bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    out = np.empty(len(keys), dtype=np.int64)
    out[order] = np.cumsum(new) - 1
    return out
