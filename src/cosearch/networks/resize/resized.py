"""`resized`: a network on an input of another shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from cosearch.errors import CosearchError
from cosearch.networks.network import Network, Node, Shape
from cosearch.networks.resize import elementwise, products, views, windows
from cosearch.networks.resize.one_size import Changed, OneSizeError, Sources, text

_RULES: Final[Mapping[str, Callable[[Node, Sources, Sources], Changed]]] = {
    "conv": windows.conv,
    "conv_transpose": windows.conv_transpose,
    "max_pool": windows.pool,
    "avg_pool": windows.pool,
    "linear": products.linear,
    "dense": products.dense,
    "matmul": products.matmul,
    "add": elementwise.joined,
    "mul": elementwise.joined,
    "activation": elementwise.joined,
    "batch_norm": elementwise.joined,
    "layer_norm": elementwise.joined,
    "softmax": elementwise.joined,
    "scale": elementwise.joined,
    "position": elementwise.joined,
    "class_token": elementwise.class_token,
    "concat": views.concat,
    "slice": views.slice_,
    "transpose": views.transpose,
    "reshape": views.reshape,
    "flatten": views.reshape,
}


def resized(network: Network, shape: Shape) -> Network:
    """The same operators on an input of `shape`; layers over everything grow with it.

    A graph says what a window made of one size, not by which rule. Where the rules that explain it
    differ at the new size, and where an operator was made for one size, `CosearchError` names it.
    """
    made: dict[str, Node] = {}
    for node in network.nodes:
        before = [network.by_name[name].shape for name in node.inputs]
        after = [made[name].shape for name in node.inputs]
        try:
            made[node.name] = _on(node, before, after) if made else _input(node, shape)
        except OneSizeError as error:
            where = f"network {network.name} on {text(shape)}: node {node.name!r} ({node.op})"
            raise CosearchError(f"{where} {error}") from error
    return replace(network, nodes=tuple(made.values()))


def _input(node: Node, shape: Shape) -> Node:
    if len(shape) != len(node.shape) or min(shape) < 1:
        raise OneSizeError(f"has shape {text(node.shape)}: as many sizes are needed, each >= 1")
    return replace(node, shape=shape)


def _on(node: Node, before: Sources, after: Sources) -> Node:
    """`node` as it follows its sources."""
    if before == after:
        return node
    if node.op not in _RULES:
        raise OneSizeError(f"was made for {text(*before)}")
    out, changed = _RULES[node.op](node, before, after)
    if min(out) < 1:
        raise OneSizeError(f"finds nothing left in {text(*after)}")
    return replace(node, shape=out, attributes={**node.attributes, **changed})
