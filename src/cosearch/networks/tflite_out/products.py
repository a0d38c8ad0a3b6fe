"""Convolutions and fully connected layers."""

from __future__ import annotations

import math

import numpy as np
from numpy import ndarray

from cosearch.networks.tflite_out.activations import activate
from cosearch.networks.tflite_out.graph import ACTIVATIONS, Tensor
from cosearch.networks.tflite_out.step import Step
from cosearch.networks.tflite_out.windows import framed


def conv(step: Step) -> Tensor:
    """Convolution with bias, then the activation; depthwise where every group is one channel."""
    node, channels = step.node, step.shapes[0][0]
    dilation = node.attributes.get("dilation", 1)
    reach = tuple((taps - 1) * dilation + 1 for taps in node.kernel)
    source, padding = framed(step, step.inputs[0], reach, 0.0)
    fields = {
        "padding": padding,
        "strideH": node.stride,
        "strideW": node.stride,
        "dilationHFactor": dilation,
        "dilationWFactor": dilation,
        "fusedActivationFunction": ACTIVATIONS[step.held],
    }
    weight, bias = step.arrays["weight"], _bias(step, node.shape[0])
    if node.groups == channels > 1:  # (c * m, 1, h, w) -> (1, h, w, c * m)
        parts = step.graph.weights(weight.transpose(1, 2, 3, 0), bias, source, 3, node.name)
        fields["depthMultiplier"] = node.shape[0] // channels
        options = step.graph.options("DepthwiseConv2D", **fields)
        made = step.graph.add("DEPTHWISE_CONV_2D", [source, *parts], step.made(), options)
    else:  # (o, i, h, w) -> (o, h, w, i)
        parts = step.graph.weights(weight.transpose(0, 2, 3, 1), bias, source, 0, node.name)
        options = step.graph.options("Conv2D", **fields)
        made = step.graph.add("CONV_2D", [source, *parts], step.made(), options)
    return activate(step.graph, step.left, made, node.name)


def linear(step: Step) -> Tensor:
    """Fully connected over everything, flattened: the weights take the file's order instead."""
    weight, shape = step.arrays["weight"], step.shapes[0]
    if len(shape) == 3:
        weight = weight.reshape(-1, *shape).transpose(0, 2, 3, 1).reshape(len(weight), -1)
    source = step.inputs[0]
    if len(shape) > 1:
        flat = (source.shape[0], math.prod(shape))
        source = reshaped(step, source, flat, ".flat")
    return _connected(step, source, weight)


def dense(step: Step) -> Tensor:
    """Fully connected over the last axis; of images that is their width, which TFLite moves."""
    if len(step.shapes[0]) == 3:
        raise step.refuse("only tokens and vectors can be multiplied, not images")
    return _connected(step, step.inputs[0], step.arrays["weight"])


def _connected(step: Step, source: Tensor, weight: ndarray) -> Tensor:
    bias = _bias(step, len(weight))
    parts = step.graph.weights(weight, bias, source, 0, step.node.name)
    options = step.graph.options(
        "FullyConnected",
        fusedActivationFunction=ACTIVATIONS[step.held],
        keepNumDims=len(source.shape) > 2,
    )
    made = step.graph.add("FULLY_CONNECTED", [source, *parts], step.made(), options)
    return activate(step.graph, step.left, made, step.node.name)


def reshaped(step: Step, source: Tensor, shape: tuple[int, ...], suffix: str = "") -> Tensor:
    """The same elements in the file's order."""
    sizes = step.graph.integers(shape, f"{step.node.name}.shape")
    made = step.graph.activation(step.node.name + suffix, shape, like=source)
    options = step.graph.options("Reshape", newShape=list(shape))
    return step.graph.add("RESHAPE", [source, sizes], made, options)


def _bias(step: Step, channels: int) -> ndarray:
    return step.arrays.get("bias", np.zeros(channels, dtype=np.float32))
