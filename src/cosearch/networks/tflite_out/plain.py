"""Elementwise operators and data movement."""

from __future__ import annotations

from typing import Final

import numpy as np

from cosearch.networks.network import Shape
from cosearch.networks.tflite_out.activations import activate
from cosearch.networks.tflite_out.graph import ACTIVATIONS, Tensor
from cosearch.networks.tflite_out.products import reshaped
from cosearch.networks.tflite_out.step import Step, channels_last

_COMBINE: Final = {"add": ("ADD", "Add"), "mul": ("MUL", "Mul")}
_TO_OURS: Final = (0, 3, 1, 2)  # images from channels last to channels first
_TO_FILE: Final = (0, 2, 3, 1)


def elementwise(step: Step) -> Tensor:
    """Sum or product of the sources, two at a time, then the activation."""
    op, kind = _COMBINE[step.node.op]
    total, *others = step.inputs
    for i, other in enumerate(others):
        held = step.held if i == len(others) - 1 else "none"
        options = step.graph.options(kind, fusedActivationFunction=ACTIVATIONS[held])
        total = step.graph.add(op, [total, other], step.made(), options)
    return activate(step.graph, step.left, total, step.node.name)


def activation(step: Step) -> Tensor:
    """A nonlinearity on its own."""
    return activate(step.graph, step.node.activation, step.inputs[0], step.node.name)


def scale(step: Step) -> Tensor:
    """Multiply by a constant."""
    factor = step.graph.constant(np.array(step.node.factor), f"{step.node.name}.factor")
    options = step.graph.options("Mul")
    return step.graph.add("MUL", [step.inputs[0], factor], step.made(), options)


def batch_norm(step: Step) -> Tensor:
    """On its own: a product and a sum, then the activation."""
    graph, arrays, name = step.graph, step.arrays, step.node.name
    gain = arrays["scale"] / np.sqrt(arrays["variance"] + step.node.eps)
    factor = graph.constant(gain, f"{name}.factor")
    inner = graph.add("MUL", [step.inputs[0], factor], step.made(".scaled"), graph.options("Mul"))
    shift = graph.constant(arrays["bias"] - arrays["mean"] * gain, f"{name}.shift")
    options = graph.options("Add", fusedActivationFunction=ACTIVATIONS[step.held])
    made = graph.add("ADD", [inner, shift], step.made(), options)
    return activate(graph, step.left, made, name)


def softmax(step: Step) -> Tensor:
    """Over the last axis; of images that is their width, which TFLite moves."""
    if len(step.shapes[0]) == 3:
        raise step.refuse("only over tokens and vectors, not images")
    made = step.graph.unit(step.node.name, step.shape)
    return step.graph.add(
        "SOFTMAX", list(step.inputs), made, step.graph.options("Softmax", beta=1.0)
    )


def concat(step: Step) -> Tensor:
    """Join along an axis, then the activation; int8 parts take the scale of the whole before."""
    graph, made = step.graph, step.made()
    parts = list(step.inputs)
    if graph.ranges is not None:
        parts = [_requantised(step, part, made) for part in parts]
    options = graph.options("Concatenation", axis=_axis(step, step.node.axis))
    graph.add("CONCATENATION", parts, made, options)
    kind = str(step.node.attributes.get("activation", "none"))
    return activate(graph, kind, made, step.node.name)


def _requantised(step: Step, part: Tensor, whole: Tensor) -> Tensor:
    if (part.scale, part.zero) == (whole.scale, whole.zero):
        return part
    made = step.graph.activation(f"{step.node.name}.part", part.shape, like=whole)
    return step.graph.add("QUANTIZE", [part], made, step.graph.options("Quantize"))


def cut(step: Step) -> Tensor:
    """Elements `start` to `stop` of an axis."""
    graph, name, source = step.graph, step.node.name, step.inputs[0]
    begin = [0] * len(source.shape)
    begin[_axis(step, step.node.axis)] = step.node.start
    inputs = [source, graph.integers(begin, f"{name}.begin")]
    inputs.append(graph.integers(step.shape, f"{name}.size"))
    made = graph.activation(name, step.shape, like=source)
    return graph.add("SLICE", inputs, made, graph.options("Slice"))


def _axis(step: Step, axis: int) -> int:
    """Ours, without the batch, as the file counts."""
    return {0: 3, 1: 1, 2: 2}[axis] if len(step.shapes[0]) == 3 else axis + 1


def reshape(step: Step) -> Tensor:
    """Ours counts channels first: images are turned that way before and back after."""
    shape = step.node.shape
    source = _channels_first(step, step.inputs[0])
    made = reshaped(step, source, (source.shape[0], *shape))
    return _permuted(step, made, _TO_FILE) if _matters(shape) else _viewed(step, made, shape)


def transpose(step: Step) -> Tensor:
    """Axes in another order."""
    source = _channels_first(step, step.inputs[0])
    perm = (0, *(axis + 1 for axis in step.node.perm))
    made = _permuted(step, source, perm)
    return _permuted(step, made, _TO_FILE) if len(step.node.shape) == 3 else made


def _channels_first(step: Step, source: Tensor) -> Tensor:
    shape = step.shapes[0]
    if _matters(shape):
        return _permuted(step, source, _TO_OURS)
    ours = (source.shape[0], *shape)
    return source if source.shape == ours else reshaped(step, source, ours, ".first")


def _matters(shape: Shape) -> bool:
    """Whether channels first and channels last put the elements into different orders."""
    return len(shape) == 3 and shape[0] > 1 and shape[1] * shape[2] > 1


def _viewed(step: Step, made: Tensor, shape: Shape) -> Tensor:
    wanted = channels_last(shape, made.shape[0])
    return made if made.shape == wanted else reshaped(step, made, wanted)


def _permuted(step: Step, source: Tensor, perm: tuple[int, ...]) -> Tensor:
    order = step.graph.integers(perm, f"{step.node.name}.perm")
    shape = tuple(source.shape[axis] for axis in perm)
    made = step.graph.activation(f"{step.node.name}.turned", shape, like=source)
    return step.graph.add("TRANSPOSE", [source, order], made, step.graph.options("Transpose"))
