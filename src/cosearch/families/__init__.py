"""Families: spaces with decoders and reference points. `FAMILIES` names them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cosearch.families.family import ChipFamily, Family, NetworkFamily
from cosearch.families.hurricane import HurricaneFamily
from cosearch.families.mobile import MobileFamily
from cosearch.families.nahas_chip import NahasChipFamily
from cosearch.families.nas_bench_macro import nas_bench_macro_family
from cosearch.families.nasbench201 import nasbench201_family
from cosearch.families.nasnet import NasnetFamily
from cosearch.families.spos import spos_family
from cosearch.families.vit import vit_family


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
    "spos": Entry("networks: ShuffleNetV2 units of Single Path One-Shot, 4^20", spos_family),
    "hurricane": Entry(
        "networks: the 32 operators of HURRICANE on 20 layers, 32^20", HurricaneFamily
    ),
    "nasbench201": Entry("networks: the 15,625 cells of NAS-Bench-201", nasbench201_family),
    "nas-bench-macro": Entry(
        "networks: the 6,561 networks of NAS-Bench-Macro", nas_bench_macro_family
    ),
    "nasnet": Entry(
        "networks: a normal and a reduction cell of NASNet, 5 blocks each", NasnetFamily
    ),
    "vit": Entry(
        "networks: vision transformers; patch, width, depth, heads, MLP ratio", vit_family
    ),
}

__all__ = [
    "FAMILIES",
    "ChipFamily",
    "Entry",
    "Family",
    "HurricaneFamily",
    "MobileFamily",
    "NahasChipFamily",
    "NasnetFamily",
    "NetworkFamily",
    "nas_bench_macro_family",
    "nasbench201_family",
    "spos_family",
    "vit_family",
]
