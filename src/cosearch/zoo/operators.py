"""The operators that a row of a table may name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from cosearch.networks import Builder
from cosearch.networks.blocks import fused_inverted_bottleneck, inverted_bottleneck, tucker
from cosearch.networks.blocks.channels import squeeze_excite
from cosearch.networks.blocks.mobile import divisible, shortcut
from cosearch.zoo.table import Row, Table

Grow = Callable[[Builder, str, Row, str, Table], str]


def grow(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    """Append one block, strided as its row says, and its shortcut."""
    row = replace(row, activation=row.activation or table.activation)
    x = OPERATORS[row.operator](net, source, row, name, table)
    if row.shortcut != "pool" or net.shape(source)[0] != net.shape(x)[0]:
        return x
    pooled = net.pool("avg", source, f"{name}.pool", kernel=3, stride=row.stride)
    return net.add(pooled, x, name=f"{name}.add")


def _identity(row: Row) -> bool:
    return row.shortcut == "identity" and row.stride == 1


def _conv(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    x = net.conv(
        source,
        row.channels,
        f"{name}.conv",
        kernel=row.kernel,
        stride=row.stride,
        activation=row.activation,
    )
    width = net.shape(source)[0]
    squeeze = table.squeeze.of(width, row.channels, row.squeeze, row.activation)
    if squeeze:
        x = squeeze_excite(net, x, f"{name}.se", squeeze)
    return shortcut(net, source, x, name, _identity(row))


def _project(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    return net.conv(source, row.channels, f"{name}.project", stride=row.stride)


def _skip(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    """Nothing, or a projection where the shape must change (FBNet)."""
    if row.stride == 1 and row.channels == net.shape(source)[0]:
        return source
    return _project(net, source, row, name, table)


def _separable(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    """Depthwise and 1x1, both activated (MobileNetV1)."""
    x = net.depthwise(source, f"{name}.depthwise", row.kernel, row.stride, row.activation)
    return net.conv(x, row.channels, f"{name}.pointwise", activation=row.activation)


def _inverted(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    width = row.source or net.shape(source)[0]
    hidden = divisible(width * row.expansion)
    return _INVERTED[row.operator](
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
        residual=_identity(row),
    )


def _tucker(net: Builder, source: str, row: Row, name: str, table: Table) -> str:
    return tucker(
        net,
        source,
        row.channels,
        name,
        kernel=row.kernel,
        stride=row.stride,
        activation=row.activation,
        compression=row.expansion,
        residual=_identity(row),
    )


_INVERTED: Final[dict[str, Callable[..., str]]] = {
    "ibn": inverted_bottleneck,
    "ibn_expanded": partial(inverted_bottleneck, always_expand=True),
    "fused": fused_inverted_bottleneck,
}
OPERATORS: Final[dict[str, Grow]] = {
    "conv": _conv,
    "project": _project,  # linear 1x1
    "skip": _skip,
    "separable": _separable,
    **dict.fromkeys(_INVERTED, _inverted),
    "tucker": _tucker,
}
