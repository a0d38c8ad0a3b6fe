"""NAS-Bench-201 (Dong and Yang 2020, arXiv 2001.00326): 5^6 = 15,625 cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cosearch.families.chain import Chain, ChainFamily, Live, Slot
from cosearch.families.widths import scaled_width
from cosearch.networks import Builder
from cosearch.networks.blocks.nasbench201 import OPERATORS, node, parse_cell, reduction
from cosearch.space import Choice, Knob, Space
from cosearch.zoo import nasbench

EDGES: Final = (("0-1",), ("0-2", "1-2"), ("0-3", "1-3", "2-3"))  # into node 1, node 2, node 3


def nasbench201_family(
    size: int = 32, classes: int = 10, *, channels: int = 3, width: float = 1.0
) -> ChainFamily:
    """The space for square images of `size` pixels: 32 for CIFAR, 16 for ImageNet16-120."""
    space = Space([Knob(edge, OPERATORS) for edges in EDGES for edge in edges])
    widths = tuple(scaled_width(base, width) for base in nasbench.WIDTHS_201)
    slots = (Slot("stem", (), _Stem(widths[0])), *_cells(widths), Slot("", (), _Head(classes)))
    references = {
        "resnet": edges_of(nasbench.RESNET_201),
        "best-cifar10": edges_of(nasbench.BEST_201),
    }
    image = (channels, size, size)
    return ChainFamily(
        Chain("nasbench201", space, slots, (image,), norm_eps=nasbench.NORM_EPS),
        references,
        "Dong and Yang 2020, arXiv 2001.00326",
    )


def edges_of(cell: str) -> dict[str, Choice]:
    """Knob values of a cell as the benchmark writes it."""
    nodes = zip(EDGES, parse_cell(cell), strict=True)
    return {
        edge: operator
        for edges, operators in nodes
        for edge, operator in zip(edges, operators, strict=True)
    }


def _cells(widths: tuple[int, ...]) -> Iterator[Slot]:
    """A slot per node: what it costs depends on its own edges only."""
    for i, width in enumerate(widths):
        if i:
            yield Slot(f"stage{i}.reduction", (), _Reduction(width))
        for j in range(nasbench.CELLS_201):
            for k, edges in enumerate(EDGES, start=1):
                yield Slot(f"stage{i}.cell{j}.node{k}", edges, _last if k == 3 else _inner)


def _inner(net: Builder, live: Live, name: str, *operators: str) -> Live:
    return (*live, node(net, live, operators, name))


def _last(net: Builder, live: Live, name: str, *operators: str) -> Live:
    return (node(net, live, operators, name),)


@dataclass(frozen=True)
class _Reduction:
    width: int

    def __call__(self, net: Builder, live: Live, name: str) -> Live:
        return (reduction(net, live[0], self.width, name),)


@dataclass(frozen=True)
class _Stem:
    width: int

    def __call__(self, net: Builder, live: Live, name: str) -> Live:
        return (nasbench.stem_201(net, live[0], width=self.width),)


@dataclass(frozen=True)
class _Head:
    classes: int

    def __call__(self, net: Builder, live: Live, name: str) -> Live:
        return (nasbench.head_201(net, live[0], classes=self.classes),)
