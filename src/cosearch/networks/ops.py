"""The operators: parameters and cost rows of each, in one table read by one function each.

Shapes leave the batch out: images are (channels, height, width), tokens (tokens, channels).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

from cosearch.errors import unknown
from cosearch.networks.layers import Kind

if TYPE_CHECKING:
    from cosearch.networks.network import Node, Shape

ACTIVATIONS: Final = ("none", "relu", "relu6", "hswish", "hsigmoid", "swish", "sigmoid", "gelu")


Bounds = tuple[int, ...]  # one row of `Layers`: its fields in their order
Rows = tuple[Bounds, ...]  # of one operator; none if it does no work


@dataclass(frozen=True)
class Op:
    """What the graph must know of an operator."""

    params: Callable[[Node, Sequence[Shape]], int]
    rows: Callable[[Node, Sequence[Shape]], Rows]


def layer(
    kind: Kind,
    groups: int,
    out: Shape,
    source: Shape,
    *,
    kernel: tuple[int, int] = (1, 1),
    stride: int = 1,
    dilation: int = 1,
    operands: int = 1,
) -> Rows:
    """A single cost row. `out` and `source` are (channels per group, height, width)."""
    bounds = (groups, out[0], source[0], *out[1:], *source[1:], *kernel)
    return ((int(kind), *bounds, stride, dilation, operands, 1),)


# ---- with weights


def _conv_params(node: Node, sources: Sequence[Shape]) -> int:
    weights = node.shape[0] * (sources[0][0] // node.groups) * math.prod(node.kernel)
    per_channel = 2 * bool(node.norm) + bool(node.bias)
    return int(weights + per_channel * node.shape[0])


def _conv_rows(node: Node, sources: Sequence[Shape]) -> Rows:
    groups = node.groups
    out = (node.shape[0] // groups, *node.shape[1:])
    source = (sources[0][0] // groups, *sources[0][1:])
    kernel, dilation = tuple(node.kernel), node.attributes.get("dilation", 1)
    return layer(
        Kind.MAC, groups, out, source, kernel=kernel, stride=node.stride, dilation=dilation
    )


def _conv_transpose_rows(node: Node, sources: Sequence[Shape]) -> Rows:
    """As the stride^2 ordinary convolutions of which it consists, their outputs interleaved.

    Those with as many taps are one row, whose output channels are of all of them: a single row if
    the stride divides the kernel, four for a 3x3 of stride 2 (2x2, 2x1, 1x2 and 1x1).
    Outputs that no tap reaches are not counted.
    """
    groups, stride, dilation = node.groups, node.stride, node.attributes.get("dilation", 1)
    channels, *size = sources[0]
    source = (channels // groups, *size)
    apart = dilation // math.gcd(dilation, stride)
    rows: Rows = ()
    for (tall, n), (wide, m) in product(*(_phases(k, stride, dilation) for k in node.kernel)):
        out = (node.shape[0] // groups * n * m, *size)
        rows += layer(Kind.MAC, groups, out, source, kernel=(tall, wide), dilation=apart)
    return rows


def _phases(taps: int, stride: int, dilation: int) -> list[tuple[int, int]]:
    """(taps, phases with so many), most taps first, of one axis of a transposed convolution."""
    per_phase = Counter(tap * dilation % stride for tap in range(taps))
    return sorted(Counter(per_phase.values()).items(), reverse=True)


def _linear_params(node: Node, sources: Sequence[Shape]) -> int:
    return node.shape[0] * math.prod(sources[0]) + node.shape[0] * bool(node.bias)


def _linear_rows(node: Node, sources: Sequence[Shape]) -> Rows:
    return layer(Kind.MAC, 1, (node.shape[0], 1, 1), (math.prod(sources[0]), 1, 1))


def _dense_params(node: Node, sources: Sequence[Shape]) -> int:
    return node.shape[-1] * (sources[0][-1] + bool(node.bias))


def _dense_rows(node: Node, sources: Sequence[Shape]) -> Rows:
    tokens = math.prod(node.shape[:-1])
    return layer(Kind.MAC, 1, (node.shape[-1], tokens, 1), (sources[0][-1], tokens, 1))


def _batch_norm_params(node: Node, sources: Sequence[Shape]) -> int:
    return 2 * node.shape[0]


def _layer_norm_params(node: Node, sources: Sequence[Shape]) -> int:
    return 2 * node.shape[-1]


def _class_token_params(node: Node, sources: Sequence[Shape]) -> int:
    return node.shape[-1]


def _position_params(node: Node, sources: Sequence[Shape]) -> int:
    return math.prod(node.shape)


# ---- without weights


def _no_params(node: Node, sources: Sequence[Shape]) -> int:
    return 0


def _no_rows(node: Node, sources: Sequence[Shape]) -> Rows:
    return ()


def _matmul_rows(node: Node, sources: Sequence[Shape]) -> Rows:
    """(..., m, k) x (..., k, n): both sides are activations."""
    *lead, m, n = node.shape
    return layer(Kind.MATMUL, math.prod(lead), (n, m, 1), (sources[0][-1], m, 1))


def _pool_rows(node: Node, sources: Sequence[Shape]) -> Rows:
    channels, *out = node.shape
    kernel = tuple(node.kernel)
    source = (1, *sources[0][1:])
    return layer(Kind.POOL, channels, (1, *out), source, kernel=kernel, stride=node.stride)


def _reduce_rows(node: Node, sources: Sequence[Shape]) -> Rows:
    """As a pool whose window is everything that one output sums up."""
    results = math.prod(node.shape)
    taps = math.prod(sources[0]) // results
    return layer(Kind.POOL, results, (1, 1, 1), (1, taps, 1), kernel=(taps, 1))


def _elementwise_rows(node: Node, sources: Sequence[Shape]) -> Rows:
    """Reads the sources of full size; one that broadcasts (a gate per channel) costs nothing."""
    size = math.prod(node.shape)
    whole = sum(math.prod(source) == size for source in sources)
    return _vector_rows(node.shape, max(1, whole))


def _move_rows(node: Node, sources: Sequence[Shape]) -> Rows:
    """Reads and writes every element once."""
    return _vector_rows(node.shape, 1)


def _transpose_rows(node: Node, sources: Sequence[Shape]) -> Rows:
    """None where only axes of size 1 change places: a view."""
    order = [axis for axis in node.perm if sources[0][axis] > 1]
    return () if order == sorted(order) else _move_rows(node, sources)


def _vector_rows(shape: Shape, operands: int) -> Rows:
    channels, *size = shape if len(shape) == 3 else (shape[0], math.prod(shape[1:]), 1)
    out = (1, *size)
    return layer(Kind.ELEMENTWISE, channels, out, out, operands=operands)


OPS: Final[dict[str, Op]] = {
    "input": Op(_no_params, _no_rows),
    "conv": Op(_conv_params, _conv_rows),  # norm and activation included
    "conv_transpose": Op(_conv_params, _conv_transpose_rows),
    "linear": Op(_linear_params, _linear_rows),  # over everything, flattened
    "dense": Op(_dense_params, _dense_rows),  # over the last axis
    "matmul": Op(_no_params, _matmul_rows),
    "max_pool": Op(_no_params, _pool_rows),
    "avg_pool": Op(_no_params, _pool_rows),
    "add": Op(_no_params, _elementwise_rows),
    "mul": Op(_no_params, _elementwise_rows),
    "activation": Op(_no_params, _elementwise_rows),
    "batch_norm": Op(_batch_norm_params, _elementwise_rows),
    "layer_norm": Op(_layer_norm_params, _elementwise_rows),  # over the last axis
    "softmax": Op(_no_params, _elementwise_rows),  # over the last axis
    "scale": Op(_no_params, _elementwise_rows),  # by the constant `factor`
    "elementwise": Op(_no_params, _elementwise_rows),  # another function, named by `operator`
    "reduce": Op(_no_params, _reduce_rows),  # over `axes`, by `operator` (mean, sum, max, ...)
    "class_token": Op(_class_token_params, _move_rows),  # a learned token before the others
    "position": Op(_position_params, _elementwise_rows),  # adds a learned value per element
    "concat": Op(_no_params, _move_rows),  # along `axis`
    "move": Op(_no_params, _move_rows),  # another copy (pad, resize, ...), named by `operator`
    "transpose": Op(_no_params, _transpose_rows),  # axes in the order `perm`
    "slice": Op(_no_params, _no_rows),  # `start` to `stop` of `axis`: a view
    "reshape": Op(_no_params, _no_rows),  # a view
    "flatten": Op(_no_params, _no_rows),  # a view
}


def check(op: str, node: str) -> None:
    """Raise `CosearchError` if `op` is not in the table."""
    if op not in OPS:
        raise unknown(f"operator of node {node!r}", op, OPS)


def params(node: Node, sources: Sequence[Shape]) -> int:
    """Trainable parameters of `node`."""
    return OPS[node.op].params(node, sources)


def rows(node: Node, sources: Sequence[Shape]) -> Rows:
    """Cost rows of `node`: none if it does no work, mostly one."""
    return OPS[node.op].rows(node, sources)
