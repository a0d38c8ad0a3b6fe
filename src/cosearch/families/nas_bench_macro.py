"""NAS-Bench-Macro (Su et al. 2021, arXiv 2103.11922): 3^8 = 6,561 networks for CIFAR-10."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cosearch.families.chain import Chain, ChainFamily, Live, Slot
from cosearch.families.widths import scaled_width
from cosearch.networks import Builder
from cosearch.networks.network import Shape
from cosearch.space import Choice, Knob, Space
from cosearch.zoo import nasbench


def nas_bench_macro_family(
    classes: int = 10, image: Shape = nasbench.IMAGE, *, width: float = 1.0
) -> ChainFamily:
    """Identity or one of two inverted bottlenecks in each of eight layers."""
    names = [name for name, _ in _layers()]
    slots = (
        Slot("stem", (), _Stem(scaled_width(nasbench.STEM_MACRO, width))),
        *(Slot(name, (name,), _Layer(first)) for name, first in _layers()),
        Slot("", (), _Head(classes, scaled_width(nasbench.HEAD_MACRO, width))),
    )
    space = Space([Knob(name, nasbench.OPERATORS_MACRO) for name in names])
    codes = {"best": "22212220", "smallest": "0" * 8, "largest": "2" * 8}
    return ChainFamily(
        Chain("nas-bench-macro", space, slots, (image,), norm_eps=nasbench.NORM_EPS),
        {name: layers_of(code) for name, code in codes.items()},
        "Su et al. 2021, arXiv 2103.11922; xiusu/NAS-Bench-Macro",
    )


def layers_of(code: str) -> dict[str, Choice]:
    """Knob values of a code of eight digits, as the benchmark writes networks."""
    digits = zip(_layers(), code, strict=True)
    return {name: nasbench.OPERATORS_MACRO[int(digit)] for (name, _), digit in digits}


def _layers() -> Iterator[tuple[str, bool]]:
    """(name, whether it begins a stage)."""
    for i, layers in enumerate(nasbench.STAGES_MACRO):
        for j in range(layers):
            yield f"stage{i}.layer{j}", j == 0


@dataclass(frozen=True)
class _Stem:
    width: int

    def __call__(self, net: Builder, live: Live, name: str) -> Live:
        return (nasbench.stem_macro(net, live[0], width=self.width),)


@dataclass(frozen=True)
class _Layer:
    first: bool

    def __call__(self, net: Builder, live: Live, name: str, operator: str) -> Live:
        return (nasbench.layer_macro(net, live[0], name, operator, first=self.first),)


@dataclass(frozen=True)
class _Head:
    classes: int
    width: int

    def __call__(self, net: Builder, live: Live, name: str) -> Live:
        return (nasbench.head_macro(net, live[0], classes=self.classes, width=self.width),)
