"""Elementwise operators, norms, and data movement."""

from __future__ import annotations

from typing import Final

from cosearch.errors import CosearchError
from cosearch.networks.onnx_out.step import Step

_COMBINE: Final = {"add": "Add", "mul": "Mul"}


def elementwise(step: Step) -> str:
    """Sum or product of the sources, two at a time, then the activation."""
    total, *others = step.inputs
    for other in others:
        total = step.graph.add(_COMBINE[step.node.op], (total, other), step.name)
    return step.activated(total)


def activation(step: Step) -> str:
    """A nonlinearity on its own."""
    return step.activated(step.inputs[0])


def scale(step: Step) -> str:
    """Multiply by a constant."""
    factor = step.graph.number(step.node.factor, f"{step.name}.factor")
    return step.graph.add("Mul", (step.inputs[0], factor), step.name)


def softmax(step: Step) -> str:
    """Over the last axis."""
    return step.graph.add("Softmax", step.inputs, step.name, axis=-1)


def batch_norm(step: Step) -> str:
    """On its own, then the activation."""
    inputs = (*step.inputs, *step.weights("scale", "bias", "mean", "variance"))
    made = step.graph.add("BatchNormalization", inputs, step.name, epsilon=step.node.eps)
    return step.activated(made)


def layer_norm(step: Step) -> str:
    """Over the last axis."""
    inputs = (*step.inputs, *step.weights("scale", "bias"))
    return step.graph.add("LayerNormalization", inputs, step.name, axis=-1, epsilon=step.node.eps)


def position(step: Step) -> str:
    """Adds a learned value to every element."""
    return step.graph.add("Add", (*step.inputs, step.weight("embedding")), step.name)


def class_token(step: Step) -> str:
    """A learned token before the others, the same for every image."""
    graph, token = step.graph, step.arrays["token"][None]
    if graph.batch is not None:
        repeated = graph.constant(token.repeat(graph.batch, 0), f"{step.name}.token")
    else:
        shape = graph.add("Shape", step.inputs, f"{step.name}.batch", start=0, end=1)
        rest = graph.integers(token.shape[1:], f"{step.name}.rest")
        whole = graph.add("Concat", (shape, rest), f"{step.name}.shape", axis=0)
        first = graph.constant(token, f"{step.name}.token")
        repeated = graph.add("Expand", (first, whole), f"{step.name}.tokens")
    return graph.add("Concat", (repeated, *step.inputs), step.name, axis=1)


# ---- data movement


def concat(step: Step) -> str:
    """Join along an axis, then the activation (where a file from elsewhere has one)."""
    joined = step.graph.add("Concat", step.inputs, step.name, axis=step.node.axis + 1)
    return step.activated(joined)


def transpose(step: Step) -> str:
    """Axes in another order."""
    perm = (0, *(axis + 1 for axis in step.node.perm))
    return step.graph.add("Transpose", step.inputs, step.name, perm=perm)


def part(step: Step) -> str:
    """Part of an axis."""
    node = step.node
    numbers = {"start": node.start, "stop": node.stop, "axis": node.axis + 1}
    bounds = (step.graph.integers((v,), f"{step.name}.{k}") for k, v in numbers.items())
    return step.graph.add("Slice", (*step.inputs, *bounds), step.name)


def reshape(step: Step) -> str:
    """The same elements in the same order under another shape."""
    return step.reshaped(step.inputs[0], step.node.shape, step.name)


def costed_only(step: Step) -> str:
    """Refuse what a file from elsewhere does, and the graph knows the cost of alone."""
    raise CosearchError(
        f"node {step.name!r} ({step.node.op}, {step.node.operator}) can be costed but not "
        "written: the graph does not say what it computes"
    )
