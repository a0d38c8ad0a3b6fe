"""`Cost`: what a cost model returns, with the columns that explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.columns import Columns
from cosearch.hardware import Accelerators
from cosearch.networks import Layers, Network


class Bound(IntEnum):
    """What a layer waits for."""

    COMPUTE = 0
    ON_CHIP = 1
    DRAM = 2
    VECTOR = 3
    INSTRUCTION = 4

    @property
    def label(self) -> str:
        """As people write it."""
        return ("compute", "on-chip", "DRAM", "vector unit", "instruction")[self]


@dataclass(frozen=True)
class Cost(Columns):
    """Cost of one inference per layer slot, shape (..., L); padding costs 0.

    Layers a chip cannot run have infinite latency and energy: data, not an exception.
    """

    latency_s: Float[ndarray, "*b"]
    energy_j: Float[ndarray, "*b"]
    area_mm2: Float[ndarray, "*b"]  # of the whole chip, the same in every slot
    compute_s: Float[ndarray, "*b"]
    on_chip_s: Float[ndarray, "*b"]
    dram_s: Float[ndarray, "*b"]
    vector_s: Float[ndarray, "*b"]  # pooling and elementwise work
    instruction_s: Float[ndarray, "*b"]  # fetching and issuing the layer's program
    macs: Float[ndarray, "*b"]
    peak_macs_per_s: Float[ndarray, "*b"]  # of the whole chip
    on_chip_bytes: Float[ndarray, "*b"]  # moved between the memory on chip and the arithmetic
    dram_bytes: Float[ndarray, "*b"]

    @property
    def bound(self) -> Int[ndarray, "*b"]:
        """Index into `Bound`: the slowest of its columns."""
        parts = (self.compute_s, self.on_chip_s, self.dram_s, self.vector_s, self.instruction_s)
        return np.argmax(np.stack(parts), axis=0)

    @property
    def utilisation(self) -> Float[ndarray, "*b"]:
        """Useful MACs over the MACs the chip could have done in the time; 0 where nothing runs."""
        possible = self.latency_s * self.peak_macs_per_s
        ran = np.isfinite(possible) & (possible > 0)
        return np.divide(self.macs, possible, out=np.zeros(np.shape(possible)), where=ran)

    def sum(self, axis: int = -1) -> Cost:
        """Add layers up; what belongs to the whole chip stays as it is."""
        whole_chip = ("area_mm2", "peak_macs_per_s")
        return Cost(
            **{
                name: array.max(axis) if name in whole_chip else array.sum(axis)
                for name, array in self.items()
            }
        )


@runtime_checkable
class CostModel(Protocol):
    """Pure and broadcasting: layers (..., L) x chips (..., 1) -> Cost (..., L)."""

    @property
    def name(self) -> str:
        """Short, for manifests."""
        ...

    def __call__(self, layers: Layers, chips: Accelerators) -> Cost:
        """May look at the whole L axis, where layers share memories."""
        ...


@runtime_checkable
class KnowsArea(Protocol):
    """A cost model that tells a chip's area before any layer is mapped."""

    def area_mm2(self, chips: Accelerators) -> Float[ndarray, "*b"]:
        """Of chips (*b), as `Cost` has it."""
        ...


@runtime_checkable
class AsksGenomes(Protocol):
    """A cost model of one device and one space of networks, such as a table of its blocks."""

    def of_genomes(self, genomes: Int[ndarray, "n d"]) -> Cost:
        """Cost (n,) of n networks of that space; what it does not tell is infinite."""
        ...


@runtime_checkable
class AsksNetworks(Protocol):
    """A cost model of one device that needs whole networks: what is measured has no rows."""

    def of_networks(self, networks: Sequence[Network]) -> Cost:
        """Cost (n,) of n networks; what it does not tell is infinite."""
        ...


def only_latency(latency_s: Float[ndarray, " n"]) -> Cost:
    """What is known where latency alone was measured: the rest is infinite."""
    unknown = np.full(len(latency_s), np.inf)
    columns = {field.name: unknown for field in fields(Cost)}
    return Cost(**{**columns, "latency_s": latency_s})
