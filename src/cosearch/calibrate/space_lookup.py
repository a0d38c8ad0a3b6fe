"""`SpaceLookup`: the latency of genomes by a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.lookup import LookupModel, LookupTable
from cosearch.families.distinct import FREE, Blocks, blocks_of


@dataclass(frozen=True)
class SpaceLookup:
    """A space's blocks beside what a table says of them. No network is built to be answered."""

    blocks: Blocks
    model: LookupModel

    @classmethod
    def of(cls, table: LookupTable, family: Any) -> Self:
        """Refuses a table of another space, of other blocks, or without one of them."""
        found = blocks_of(family)
        table.check_space(family.name, found.fingerprint)
        keys = [block.key for block in found.blocks]
        return cls(found, LookupModel(table, keys, [block.label for block in found.blocks]))

    def latency_s(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """Seconds of one inference (of the table's batch); corrected where the table is."""
        return self.model.latency_s(self.blocks.numbers(genomes))

    def sum_s(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """Seconds of all blocks, uncorrected."""
        return self.model.sum_s(self.blocks.numbers(genomes))

    def busy(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, " n"]:
        """How many blocks do something."""
        return (self.blocks.numbers(genomes) != FREE).sum(axis=1)
