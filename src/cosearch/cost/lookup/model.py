"""`LookupModel`: the latency of networks by the blocks they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.lookup.table import LookupTable


@dataclass(frozen=True)
class LookupModel:
    """Answers for networks given as numbers of blocks; -1 is a slot that does nothing.

    `keys` and `labels` are of the blocks numbered 0, 1, ... A block that the table lacks is an
    error as soon as the model is made.
    """

    table: LookupTable
    keys: Sequence[str]
    labels: Sequence[str]

    def __post_init__(self) -> None:
        assert len(self._seconds) == len(self.keys) + 1

    @cached_property
    def _seconds(self) -> Float[ndarray, " b"]:
        """By number; the last one, found at -1, is of a slot that does nothing."""
        pairs = zip(self.keys, self.labels, strict=True)
        return np.array([*(self.table.row(key, label).latency_s for key, label in pairs), 0.0])

    def block_s(self, blocks: Int[ndarray, "n s"]) -> Float[ndarray, "n s"]:
        """Seconds of each block by itself."""
        return self._seconds[blocks]

    def sum_s(self, blocks: Int[ndarray, "n s"]) -> Float[ndarray, " n"]:
        """Seconds of all blocks of a network."""
        return self.block_s(blocks).sum(axis=1)

    def latency_s(self, blocks: Int[ndarray, "n s"]) -> Float[ndarray, " n"]:
        """Seconds of networks: the sum, corrected where the table has a correction."""
        sums = self.sum_s(blocks)
        correct = self.table.correction
        return correct(sums, (blocks >= 0).sum(axis=1)) if correct else sums
