"""The operators: parameters and cost row of each, in one table read by one function each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cosearch.errors import unknown
from cosearch.networks.layers import Kind, Layers

if TYPE_CHECKING:
    from cosearch.networks.network import Node, Shape

ACTIVATIONS: Final = ("none", "relu", "relu6", "hswish", "hsigmoid", "swish", "sigmoid")


@dataclass(frozen=True)
class Op:
    """What the graph must know of an operator."""

    params: Callable[[Node, Sequence[Shape]], int]
    row: Callable[[Node, Sequence[Shape]], Layers | None]


def layer(
    kind: Kind,
    groups: int,
    out: Shape,
    source: Shape,
    *,
    kernel: tuple[int, int] = (1, 1),
    stride: int = 1,
    operands: int = 1,
) -> Layers:
    """One cost row. `out` and `source` are (channels per group, height, width)."""
    values = (kind, groups, out[0], source[0], *out[1:], *source[1:], *kernel, stride, operands, 1)
    return Layers(*(np.array(value, dtype=np.int64) for value in values))


def _volume(shape: Shape) -> Shape:
    """Any activation shape as (channels, height, width)."""
    if len(shape) == 3:
        return shape
    return (shape[0], 1, 1) if len(shape) == 1 else (shape[0], math.prod(shape[1:]), 1)


def _conv_params(node: Node, sources: Sequence[Shape]) -> int:
    weights = node.shape[0] * (sources[0][0] // node.groups) * math.prod(node.kernel)
    per_channel = 2 * bool(node.norm) + bool(node.bias)
    return int(weights + per_channel * node.shape[0])


def _conv_row(node: Node, sources: Sequence[Shape]) -> Layers:
    groups = node.groups
    out = (node.shape[0] // groups, *node.shape[1:])
    source = (sources[0][0] // groups, *sources[0][1:])
    return layer(Kind.MAC, groups, out, source, kernel=tuple(node.kernel), stride=node.stride)


def _linear_params(node: Node, sources: Sequence[Shape]) -> int:
    return node.shape[0] * math.prod(sources[0]) + node.shape[0] * bool(node.bias)


def _linear_row(node: Node, sources: Sequence[Shape]) -> Layers:
    return layer(Kind.MAC, 1, (node.shape[0], 1, 1), (math.prod(sources[0]), 1, 1))


def _pool_row(node: Node, sources: Sequence[Shape]) -> Layers:
    channels, *out = node.shape
    kernel = tuple(node.kernel)
    source = (1, *sources[0][1:])
    return layer(Kind.POOL, channels, (1, *out), source, kernel=kernel, stride=node.stride)


def _elementwise_row(node: Node, sources: Sequence[Shape]) -> Layers:
    channels, *size = _volume(node.shape)
    shape = (1, *size)
    return layer(Kind.ELEMENTWISE, channels, shape, shape, operands=len(sources))


def _no_params(node: Node, sources: Sequence[Shape]) -> int:
    return 0


def _no_row(node: Node, sources: Sequence[Shape]) -> None:
    return None


OPS: Final[dict[str, Op]] = {
    "input": Op(_no_params, _no_row),
    "conv": Op(_conv_params, _conv_row),
    "linear": Op(_linear_params, _linear_row),
    "max_pool": Op(_no_params, _pool_row),
    "avg_pool": Op(_no_params, _pool_row),
    "add": Op(_no_params, _elementwise_row),
    "mul": Op(_no_params, _elementwise_row),
    "activation": Op(_no_params, _elementwise_row),
    "concat": Op(_no_params, _elementwise_row),  # moves every element once
    "flatten": Op(_no_params, _no_row),  # a view
}


def check(op: str, node: str) -> None:
    """Raise `CosearchError` if `op` is not in the table."""
    if op not in OPS:
        raise unknown(f"operator of node {node!r}", op, OPS)


def params(node: Node, sources: Sequence[Shape]) -> int:
    """Trainable parameters of `node`."""
    return OPS[node.op].params(node, sources)


def row(node: Node, sources: Sequence[Shape]) -> Layers | None:
    """Cost row of `node`, or None if it does no work."""
    return OPS[node.op].row(node, sources)
