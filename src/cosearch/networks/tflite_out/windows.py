"""Pools, and the padding they share with convolutions."""

from __future__ import annotations

from typing import Final

import numpy as np

from cosearch.networks.tflite_out.graph import Tensor
from cosearch.networks.tflite_out.step import Step

SAME: Final = 0
VALID: Final = 1
_POOL: Final = {"avg_pool": "AVERAGE_POOL_2D", "max_pool": "MAX_POOL_2D"}


def framed(
    step: Step, source: Tensor, reach: tuple[int, ...], fill: float | None
) -> tuple[Tensor, int]:
    """The source and the padding code with which the windows fall where they should.

    TFLite pads by its own rule or not at all; where that is not ours, an operator pads before.
    `fill` None: padding must not be counted, so no operator can do it.
    """
    edges = _edges(step, reach)
    if not any(any(pair) for pair in edges):
        return source, VALID
    if edges == _same(step, reach):
        return source, SAME
    if fill is None:
        raise step.refuse(f"an average cannot leave out padding {edges}")
    name = f"{step.node.name}.padded"
    sizes = step.graph.integers([(0, 0), *edges, (0, 0)], f"{name}.sizes")
    grown = [size + sum(pair) for size, pair in zip(source.shape[1:3], edges, strict=True)]
    shape = (source.shape[0], *grown, source.shape[3])
    made = step.graph.activation(name, shape, like=source)
    if fill == 0:
        return step.graph.add("PAD", [source, sizes], made, step.graph.options("Pad")), VALID
    lowest = step.graph.filler(fill, source, f"{name}.value")
    options = step.graph.options("PadV2")
    return step.graph.add("PADV2", [source, sizes, lowest], made, options), VALID


def _edges(step: Step, reach: tuple[int, ...]) -> list[tuple[int, int]]:
    """(before, after) of height and width: what the windows reach, so never a row too many."""
    node, found = step.node, []
    for axis, size in enumerate(step.shapes[0][1:]):
        needed = (node.shape[1 + axis] - 1) * node.stride + reach[axis] - size
        found.append((node.pad[axis], max(0, needed - node.pad[axis])))
    return found


def _same(step: Step, reach: tuple[int, ...]) -> list[tuple[int, int]] | None:
    """What TFLite's rule pads; None where it makes more or fewer windows."""
    found, stride = [], step.node.stride
    for size, taps, windows in zip(step.shapes[0][1:], reach, step.node.shape[1:], strict=True):
        if windows != -(-size // stride):
            return None
        total = max(0, (windows - 1) * stride + taps - size)
        found.append((total // 2, total - total // 2))
    return found


def pool(step: Step) -> Tensor:
    """Maximum or average of a window; the average of everything is a mean."""
    node, graph = step.node, step.graph
    if node.op == "avg_pool" and tuple(node.kernel) == step.shapes[0][1:]:
        axes = graph.integers((1, 2), f"{node.name}.axes")
        options = graph.options("Reducer", keepDims=True)
        return graph.add("MEAN", [step.inputs[0], axes], step.made(), options)
    fill = -np.inf if node.op == "max_pool" else None
    source, padding = framed(step, step.inputs[0], tuple(node.kernel), fill)
    options = graph.options(
        "Pool2D",
        padding=padding,
        strideH=node.stride,
        strideW=node.stride,
        filterHeight=node.kernel[0],
        filterWidth=node.kernel[1],
    )
    made = graph.activation(node.name, step.shape, like=source)
    return graph.add(_POOL[node.op], [source], made, options)
