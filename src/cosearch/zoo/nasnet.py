"""NASNet-A as TensorFlow's slim builds it (tensorflow/models, research/slim/nets/nasnet)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.networks.blocks.nasnet import Block, Cell, grow_cell
from cosearch.zoo.entry import Entry

NORMAL: Final = Cell(
    (
        Block(0, "sep5x5", 1, "sep3x3"),
        Block(1, "sep5x5", 1, "sep3x3"),
        Block(0, "avg3x3", 1, "identity"),
        Block(1, "avg3x3", 1, "avg3x3"),
        Block(0, "sep3x3", 0, "identity"),
    ),
    keep=(1,),  # slim puts it out although blocks read it; the published counts are with it
)
REDUCTION: Final = Cell(
    (
        Block(0, "sep5x5", 1, "sep7x7"),
        Block(0, "max3x3", 1, "sep7x7"),
        Block(0, "avg3x3", 1, "sep5x5"),
        Block(3, "identity", 2, "avg3x3"),
        Block(2, "sep3x3", 0, "max3x3"),
    ),
    keep=(3,),  # likewise
)


@dataclass(frozen=True)
class Macro:
    """How cells are stacked: normal cells with two reduction cells between them.

    ImageNet networks begin with a strided convolution and two more reduction cells at a quarter
    and a half of the filters; those for CIFAR with a convolution only. `bypass` lets the cell
    after a reduction read the last cell before the reduction's input, not that input (slim's
    skip_reduction_layer_input).
    """

    resolution: int
    filters: int
    cells: int
    stem: int
    classes: int = 1000
    stem_cells: int = 2
    bypass: bool = False
    norm_eps: float = 1e-3


@dataclass(frozen=True)
class Position:
    """One cell of the stack. Sources count the tensors so far: 0 is the stem's, 1 the first cell's.

    `previous` is None where there is no cell before.
    """

    name: str
    reduces: bool
    filters: int
    current: int
    previous: int | None


def positions(macro: Macro) -> Iterator[Position]:
    """The cells of a network in execution order."""
    made = 0
    for i in range(macro.stem_cells):
        filters = macro.filters // 2 ** (macro.stem_cells - i)
        yield Position(f"stem{i}", True, filters, made, made - 1 if made else None)
        made += 1
    filters = macro.filters
    reductions = (macro.cells // 3, 2 * macro.cells // 3)
    for i in range(macro.cells):
        before = made - 1
        if i in reductions:
            filters *= 2
            yield Position(f"reduction{reductions.index(i)}", True, filters, made, made - 1)
            made += 1
        previous = before if macro.bypass else made - 1
        yield Position(f"cell{i}", False, filters, made, previous if previous >= 0 else None)
        made += 1


def stem(net: Builder, source: str, macro: Macro) -> str:
    """The first convolution: strided and unpadded before stem cells, else at full size."""
    if macro.stem_cells:
        return net.conv(source, macro.stem, "stem", kernel=3, stride=2, pad=(0, 0))
    return net.conv(source, macro.stem, "stem", kernel=3)


def head(net: Builder, source: str, macro: Macro) -> str:
    """ReLU, mean, classifier. The auxiliary head serves training only and is not counted."""
    x = net.activation(source, "relu", "relu")
    return net.linear(net.global_pool(x, "pool"), macro.classes, "classifier")


def nasnet(name: str, macro: Macro, normal: Cell, reduction: Cell) -> Network:
    """Stack two cells as `macro` says."""
    net = Builder(name, (3, macro.resolution, macro.resolution), norm_eps=macro.norm_eps)
    made = [stem(net, "input", macro)]
    for position in positions(macro):
        made.append(
            grow_cell(
                net,
                made[position.current],
                None if position.previous is None else made[position.previous],
                position.filters,
                position.name,
                cell=reduction if position.reduces else normal,
                stride=2 if position.reduces else 1,
            )
        )
    head(net, made[-1], macro)
    return net.build()


MOBILE: Final = Macro(resolution=224, filters=44, cells=12, stem=32)
# The paper's 88.9 M parameters count the moving averages of batch norm, 196,668 of them.
LARGE: Final = Macro(resolution=331, filters=168, cells=18, stem=96, bypass=True)
CIFAR: Final = Macro(
    resolution=32, filters=32, cells=18, stem=96, classes=10, stem_cells=0, norm_eps=1e-5
)

_SOURCE: Final = "Zoph et al. 2018, arXiv 1707.07012; tensorflow/models research/slim/nets/nasnet"


def _entry(name: str, macro: Macro) -> Entry:
    build = partial(nasnet, name, macro, NORMAL, REDUCTION)
    return Entry(name, "nasnet", macro.resolution, _SOURCE, build)


ENTRIES: Final[tuple[Entry, ...]] = (
    _entry("nasnet-a-mobile", MOBILE),
    _entry("nasnet-a-large", LARGE),
    _entry("nasnet-a-cifar", CIFAR),
)
