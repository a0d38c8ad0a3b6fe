"""Pools and reductions."""

from __future__ import annotations

from typing import Final

from cosearch.errors import unknown
from cosearch.networks.onnx_out.step import Step

_POOL: Final = {"avg_pool": "AveragePool", "max_pool": "MaxPool"}
_REDUCE: Final = {
    "max": "ReduceMax",
    "mean": "ReduceMean",
    "min": "ReduceMin",
    "sum": "ReduceSum",
}


def pool(step: Step) -> str:
    """Maximum or average of a window; padding is not counted."""
    node, op = step.node, _POOL[step.node.op]
    if tuple(node.kernel) == step.shapes[0][1:] and node.shape[1:] == (1, 1):
        return step.graph.add(f"Global{op}", step.inputs, step.name)
    first, last = tuple(node.pad[:2]), _last_edges(step)
    uneven = len(node.pad) == 4
    partial = not uneven and any(edge > pad for edge, pad in zip(last, first, strict=True))
    return step.graph.add(
        op,
        step.inputs,
        step.name,
        kernel_shape=tuple(node.kernel),
        strides=(node.stride,) * 2,
        pads=(*first, *(max(0, edge) for edge in last)) if uneven else first * 2,
        **({"ceil_mode": 1} if partial else {}),
    )


def _last_edges(step: Step) -> list[int]:
    """Padding (bottom, right) that the node's shape takes; below 0 where it leaves some out."""
    node = step.node
    axes = zip(step.shapes[0][1:], node.kernel, node.pad[:2], node.shape[1:], strict=True)
    return [(out - 1) * node.stride + taps - size - pad for size, taps, pad, out in axes]


def reduce(step: Step) -> str:
    """Mean, sum, maximum or minimum over some axes."""
    node = step.node
    if node.operator not in _REDUCE:
        raise unknown(f"operator of {node.name!r}", node.operator, _REDUCE)
    axes = step.graph.integers(tuple(axis + 1 for axis in node.axes), f"{node.name}.axes")
    kept = tuple(size for i, size in enumerate(step.shapes[0]) if i not in node.axes)
    keep = int(kept != node.shape)
    return step.graph.add(_REDUCE[node.operator], (step.inputs[0], axes), node.name, keepdims=keep)
