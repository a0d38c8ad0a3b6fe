"""Mobile networks as tables: a stem, rows of blocks, a head. One builder grows them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.networks.blocks import fused_inverted_bottleneck, inverted_bottleneck, separable
from cosearch.networks.blocks import tucker as tucker_convolution
from cosearch.networks.blocks.channels import Squeeze
from cosearch.networks.blocks.mobile import divisible
from cosearch.zoo.entry import Entry


@dataclass(frozen=True)
class Row:
    """`repeats` blocks of one operator; only the first strides and changes the width.

    `expansion` and `squeeze` are ratios to the width of the block's input, or, in the first block,
    to `source` where that is given. For Tucker `expansion` is the compression. Squeeze 0 is none;
    an empty activation is the table's.
    """

    operator: str
    kernel: int
    stride: int
    expansion: float
    channels: int
    repeats: int = 1
    squeeze: float = 0.0
    activation: str = ""
    residual: bool = True
    groups: int = 1
    source: int | None = None


@dataclass(frozen=True)
class SqueezeRule:
    """How wide squeeze-and-excite is: a ratio of the block's input, or of its expanded width."""

    of_expansion: bool = False
    rounding: Callable[[float], int] = int
    activation: str = ""
    gate: str = "sigmoid"

    def of(self, width: int, hidden: int, ratio: float, activation: str) -> Squeeze | None:
        """The squeeze of a block of input `width` and expanded width `hidden`; ratio 0 is none."""
        if not ratio:
            return None
        middle = self.rounding(ratio * (hidden if self.of_expansion else width))
        return Squeeze(max(1, middle), self.activation or activation, self.gate)


@dataclass(frozen=True)
class Table:
    """One network. `head` is the 1x1 before pooling, `features` the 1x1 with bias after it.

    Without classes it is a backbone, and its last block is the output.
    """

    stem: int
    rows: tuple[Row, ...]
    head: int = 1280
    features: int = 0
    classes: int = 1000
    activation: str = "relu"
    squeeze: SqueezeRule = SqueezeRule()
    norm_eps: float = 1e-3  # TensorFlow's, as in most of the mobile papers


def build(name: str, resolution: int, table: Table) -> Network:
    """Grow the network of `table` for square colour images of `resolution` pixels."""
    net = Builder(name, (3, resolution, resolution), norm_eps=table.norm_eps)
    x = net.conv("input", table.stem, "stem", kernel=3, stride=2, activation=table.activation)
    for i, row in enumerate(table.rows):
        for j in range(row.repeats):
            block = row if j == 0 else replace(row, stride=1, source=None)
            x = grow(net, x, block, f"stage{i}.block{j}", table)
    if table.classes:
        _head(net, x, table)
    return net.build()


def _head(net: Builder, x: str, table: Table) -> None:
    if table.head:
        x = net.conv(x, table.head, "head", activation=table.activation)
    x = net.global_pool(x, "pool")
    if table.features:
        x = net.conv(x, table.features, "features", activation=table.activation, norm=False)
    net.linear(x, table.classes, "classifier")


def grow(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    """Append one block, strided as its row says."""
    activation = row.activation or table.activation
    return OPERATORS[row.operator](net, source, replace(row, activation=activation), name, table)


# ---- operators


def _conv(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    return net.conv(
        source,
        row.channels,
        name,
        kernel=row.kernel,
        stride=row.stride,
        activation=row.activation,
    )


def _project(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    return net.conv(source, row.channels, name, stride=row.stride)


def _skip(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    """Nothing, or a projection where the shape must change (FBNet)."""
    if row.stride == 1 and row.channels == net.shape(source)[0]:
        return source
    return _project(net, source, row, name, table)


def _separable(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    return separable(
        net,
        source,
        row.channels,
        name,
        kernel=row.kernel,
        stride=row.stride,
        activation=row.activation,
        activated=True,
    )


def _inverted(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    grow_block = _INVERTED[row.operator]
    width = row.source or net.shape(source)[0]
    hidden = divisible(width * row.expansion)
    return grow_block(
        net,
        source,
        row.channels,
        name,
        kernel=row.kernel,
        stride=row.stride,
        activation=row.activation,
        hidden=hidden,
        squeeze=table.squeeze.of(width, hidden, row.squeeze, row.activation),
        groups=row.groups,
        residual=row.residual,
    )


def _tucker(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    return tucker_convolution(
        net,
        source,
        row.channels,
        name,
        kernel=row.kernel,
        stride=row.stride,
        activation=row.activation,
        compression=row.expansion,
        residual=row.residual,
    )


_INVERTED: Final[dict[str, Callable[..., str]]] = {
    "ibn": inverted_bottleneck,
    "ibn_expanded": partial(inverted_bottleneck, always_expand=True),
    "fused": fused_inverted_bottleneck,
}
OPERATORS: Final[dict[str, Callable[[Builder, str, Row, str, Table], str]]] = {
    "conv": _conv,
    "project": _project,  # linear 1x1
    "skip": _skip,
    "separable": _separable,
    **dict.fromkeys(_INVERTED, _inverted),
    "tucker": _tucker,
}


# ---- scaling


def round_repeats(repeats: int, depth: float) -> int:
    """Blocks of a stage scaled in depth (EfficientNet, arXiv 1905.11946: rounded up)."""
    return ceil(depth * repeats)


def scaled(row: Row, width: float, depth: float = 1.0) -> Row:
    """A row of a wider, deeper network: channels to multiples of 8 (MobileNetV2), repeats up."""
    return replace(
        row,
        channels=divisible(width * row.channels),
        source=row.source and divisible(width * row.source),
        repeats=round_repeats(row.repeats, depth),
    )


def entry(name: str, family: str, resolution: int, source: str, table: Table) -> Entry:
    """The zoo's entry of a table."""
    return Entry(name, family, resolution, source, partial(build, name, resolution, table))
