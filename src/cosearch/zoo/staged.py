"""One builder for all mobile networks that are tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import ceil

from cosearch.networks import Builder, Network
from cosearch.networks.blocks.mobile import divisible
from cosearch.zoo.entry import Entry
from cosearch.zoo.operators import grow
from cosearch.zoo.table import Row, Table


def build(name: str, resolution: int, table: Table) -> Network:
    """Grow the network of `table` for square colour images of `resolution` pixels."""
    net = Builder(name, (3, resolution, resolution), norm_eps=table.norm_eps)
    x = stem(net, "input", table)
    for i, row in enumerate(table.rows):
        for j, block in enumerate(blocks(row)):
            x = grow(net, x, block, f"stage{i}.block{j}", table)
    head(net, x, table)
    return net.build()


def blocks(row: Row) -> Iterator[Row]:
    """A row block by block; none of a row repeated no times."""
    if row.repeats:
        yield replace(row, repeats=1)
    for _ in range(row.repeats - 1):
        yield replace(row, repeats=1, stride=1, source=None)


def stem(net: Builder, source: str, table: Table) -> str:
    """The first convolution."""
    return net.conv(
        source,
        table.stem,
        "stem",
        kernel=table.stem_kernel,
        stride=table.stem_stride,
        activation=table.activation,
    )


def head(net: Builder, x: str, table: Table) -> str:
    """What follows the last block; nothing in a backbone."""
    if not table.classes:
        return x
    if table.head:
        x = net.conv(x, table.head, "head", activation=table.activation)
    x = net.global_pool(x, "pool")
    if table.features:
        x = net.conv(x, table.features, "features", activation=table.activation, norm=False)
    return net.linear(x, table.classes, "classifier")


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


def compound_scaled(table: Table, width: float, depth: float) -> Table:
    """The network scaled as EfficientNet is (arXiv 1905.11946, section 3.3), ends included."""
    return replace(
        table,
        stem=divisible(width * table.stem),
        rows=tuple(scaled(row, width, depth) for row in table.rows),
        head=table.head and divisible(width * table.head),
    )


def entry(name: str, family: str, resolution: int, source: str, table: Table) -> Entry:
    """The zoo's entry of a table."""
    return Entry(
        name, family, resolution, source, partial(build, name, resolution=resolution, table=table)
    )
