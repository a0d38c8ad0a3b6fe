"""Families: spaces with decoders and reference points. `FAMILIES` names them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cosearch.families.family import ChipFamily, Family, NetworkFamily
from cosearch.families.mobile import MobileFamily
from cosearch.families.nahas_chip import NahasChipFamily


@dataclass(frozen=True)
class Entry:
    """A family by name; `make` builds it at its default size."""

    summary: str
    make: Callable[[], Family[Any]]


FAMILIES: Final[Mapping[str, Entry]] = {
    "mobile": Entry(
        "networks: stages of inverted and fused inverted bottlenecks; kernel, expansion, "
        "width, depth",
        lambda: MobileFamily.for_images(1, 8, 10),
    ),
    "nahas-chip": Entry(
        "accelerators: the 50,000 designs of NAHAS (arXiv 2102.08619)", NahasChipFamily
    ),
}

__all__ = [
    "FAMILIES",
    "ChipFamily",
    "Entry",
    "Family",
    "MobileFamily",
    "NahasChipFamily",
    "NetworkFamily",
]
