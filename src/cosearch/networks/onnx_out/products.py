"""Convolutions and matrix products."""

from __future__ import annotations

import math
from typing import Any

from cosearch.networks.onnx_out.step import Step


def conv(step: Step) -> str:
    """Convolution with bias, then the activation."""
    pad = tuple(step.node.pad)
    attributes = {**_frame(step), "pads": pad if len(pad) == 4 else pad * 2}
    return _convolved(step, "Conv", attributes)


def conv_transpose(step: Step) -> str:
    """Transposed convolution with bias, then the activation."""
    node, first = step.node, tuple(step.node.pad[:2])
    dilation = node.attributes.get("dilation", 1)
    axes = zip(step.shapes[0][1:], node.kernel, first, node.shape[1:], strict=True)
    last = [
        (size - 1) * node.stride + dilation * (taps - 1) + 1 - pad - out
        for size, taps, pad, out in axes
    ]  # rows and columns to cut off at the end; below 0, to add
    if len(node.pad) == 2 and all(edge <= pad for edge, pad in zip(last, first, strict=True)):
        pads, more = first * 2, [pad - edge for edge, pad in zip(last, first, strict=True)]
    else:
        pads, more = (*first, *(max(0, edge) for edge in last)), [max(0, -edge) for edge in last]
    attributes = {**_frame(step), "pads": pads, "output_padding": more}
    return _convolved(step, "ConvTranspose", attributes)


def _convolved(step: Step, op: str, attributes: dict[str, Any]) -> str:
    inputs = (step.inputs[0], *step.weights("weight", "bias"))
    return step.activated(step.graph.add(op, inputs, step.name, **attributes))


def _frame(step: Step) -> dict[str, Any]:
    dilation = step.node.attributes.get("dilation", 1)
    return {
        "kernel_shape": tuple(step.node.kernel),
        "strides": (step.node.stride,) * 2,
        "dilations": (dilation,) * 2,
        "group": step.node.groups,
    }


def linear(step: Step) -> str:
    """Fully connected over everything, flattened."""
    source, shape = step.inputs[0], step.shapes[0]
    if len(shape) > 1:
        source = step.reshaped(source, (math.prod(shape),), f"{step.name}.flat")
    return _gemm(step, source)


def dense(step: Step) -> str:
    """Fully connected over the last axis."""
    if len(step.shapes[0]) == 1:
        return _gemm(step, step.inputs[0])
    weight = step.graph.constant(step.arrays["weight"].T, f"{step.name}.weight")
    made = step.graph.add("MatMul", (step.inputs[0], weight), step.name)
    if "bias" in step.arrays:
        made = step.graph.add("Add", (made, step.weight("bias")), f"{step.name}.sum")
    return step.activated(made)


def _gemm(step: Step, source: str) -> str:
    inputs = (source, *step.weights("weight", "bias"))
    return step.activated(step.graph.add("Gemm", inputs, step.name, transB=1))


def matmul(step: Step) -> str:
    """Of two activations."""
    return step.graph.add("MatMul", step.inputs, step.name)
