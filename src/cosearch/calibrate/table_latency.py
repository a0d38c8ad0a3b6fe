"""`TableLatency`: the networks of a space by a lookup table, as a cost model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.calibrate.space_lookup import SpaceLookup
from cosearch.cost import Cost
from cosearch.cost.cost import only_latency
from cosearch.cost.lookup import LookupTable
from cosearch.errors import CosearchError
from cosearch.hardware import Accelerators
from cosearch.networks import Layers


@dataclass(frozen=True)
class TableLatency:
    """A cost model of one device and one space: the sum of a network's blocks."""

    lookup: SpaceLookup
    name: str  # for manifests

    @classmethod
    def of(cls, table: LookupTable, family: Any) -> Self:
        """Refuses a table of another space, of other blocks, or without one of them."""
        return cls(SpaceLookup.of(table, family), f"table {table.sha256[:12]} of {table.space}")

    @property
    def table(self) -> LookupTable:
        """What is asked."""
        return self.lookup.model.table

    def latency_s(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """Seconds of one inference; corrected where the table is."""
        return self.lookup.latency_s(genomes)

    def of_genomes(self, genomes: Int[ndarray, "n d"]) -> Cost:
        """Latency (n,); the rest is infinite, as nobody measured it."""
        return only_latency(self.latency_s(genomes))

    def __call__(self, layers: Layers, chips: Accelerators) -> Cost:
        """Rows of layers do not say which blocks they are of."""
        raise CosearchError(f"{self.name}: needs genomes of its space, not rows of layers")
