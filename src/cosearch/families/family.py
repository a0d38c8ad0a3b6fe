"""A family: a space, a vectorised decoder, and named reference points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

from jaxtyping import Int
from numpy import ndarray

from cosearch.columns import Columns
from cosearch.hardware import Accelerators
from cosearch.networks import Layers, Network
from cosearch.space import Choice, Space

T = TypeVar("T", bound=Columns, covariant=True)


@runtime_checkable
class Family(Protocol[T]):
    """What every family offers."""

    @property
    def name(self) -> str:
        """As in `FAMILIES`."""
        ...

    @property
    def source(self) -> str:
        """Where the space was published, or whose it is."""
        ...

    @property
    def space(self) -> Space:
        """The decisions."""
        ...

    @property
    def references(self) -> Mapping[str, Mapping[str, Choice]]:
        """Named points of the space, as knob values."""
        ...

    def decode(self, genomes: Int[ndarray, "n d"]) -> T:
        """Rows of choice indices to rows of data; vectorised over n."""
        ...


@runtime_checkable
class NetworkFamily(Family[Layers], Protocol):
    """A family of networks: decodes to `Layers` (n, L) and builds single networks."""

    def network(self, genome: Int[ndarray, " d"]) -> Network:
        """The network of one genome; its `layers` equal the decoded row without padding."""
        ...


@runtime_checkable
class NarrowableFamily(NetworkFamily, Protocol):
    """A family of networks that can be searched in parts."""

    def narrowed(self, candidates: Mapping[int, Sequence[Any]]) -> NarrowableFamily:
        """The same family with fewer choices of the knobs at these places; one fixes a knob."""
        ...


ChipFamily = Family[Accelerators]
