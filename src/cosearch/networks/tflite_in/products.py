"""Convolutions and matrix products."""

from __future__ import annotations

import math

from cosearch.networks.network import Shape
from cosearch.networks.onnx_in.draft import Drafts, Value, volume
from cosearch.networks.onnx_in.products import behind
from cosearch.networks.onnx_in.views import reshape
from cosearch.networks.tflite_in.file import Tensor
from cosearch.networks.tflite_in.step import (
    Activation,
    Step,
    as_image,
    as_stored,
    done,
    draft,
    image_shape,
)
from cosearch.networks.tflite_in.windows import frame, one_of


def conv(drafts: Drafts, step: Step) -> Activation:
    """Grouped where the weights have fewer channels than the image."""
    source, shape = as_image(drafts, step)
    weight = step.constant(1, "weight").shape
    if len(weight) != 4 or not weight[3] or shape[0] % weight[3]:
        raise step.refuse(f"weight of shape {weight} does not fit {shape[0]} channels")
    out, *taps, per_group = weight
    groups = shape[0] // per_group
    if out % groups:
        raise step.refuse(f"{groups} groups do not divide {out} channels")
    return _conv(drafts, step, source, (shape, out, (taps[0], taps[1]), groups))


def depthwise(drafts: Drafts, step: Step) -> Activation:
    """One or more filters per channel."""
    source, shape = as_image(drafts, step)
    weight = step.constant(1, "weight").shape
    if len(weight) != 4 or weight[3] % shape[0]:
        raise step.refuse(f"weight of shape {weight} does not fit {shape[0]} channels")
    return _conv(drafts, step, source, (shape, weight[3], weight[1:3], shape[0]))


def _conv(
    drafts: Drafts, step: Step, source: Value, what: tuple[Shape, int, Shape, int]
) -> Activation:
    shape, out, taps, groups = what
    made_shape = image_shape(step.out.shape) if len(step.out.shape) == 4 else ()
    if not made_shape or made_shape[0] != out or min(taps) < 1:
        raise step.refuse(f"{out} channels do not make an output of shape {step.out.shape}")
    wide = [size > 1 for size in taps]
    dilation = one_of(step, ("DilationHFactor", "DilationWFactor"), wide)
    reach = tuple((size - 1) * dilation + 1 for size in taps)
    made = draft(
        drafts,
        step,
        "conv",
        (source,),
        made_shape,
        kernel=tuple(taps),
        **frame(step, shape, reach),
        groups=groups,
        activation="none",
        norm=False,
        bias=step.has(2),
        **({"dilation": dilation} if dilation > 1 else {}),
    )
    return done(drafts, step, True, made)


def transpose_conv(drafts: Drafts, step: Step) -> Activation:
    """Weights (out, height, width, in), then the image."""
    source, shape = as_image(drafts, step, 2)
    weight, made = step.constant(1, "weight").shape, step.out.shape
    if len(weight) != 4 or len(made) != 4 or weight[3] != shape[0] or weight[0] != made[3]:
        raise step.refuse(f"weight of shape {weight}, image {shape}, output {made}")
    stride = one_of(step, ("StrideH", "StrideW"), [True, True])
    pads = [
        max((size - 1) * stride + taps - out, 0) // 2
        for size, taps, out in zip(shape[1:], weight[1:3], made[1:3], strict=True)
    ]
    value = draft(
        drafts,
        step,
        "conv_transpose",
        (source,),
        image_shape(made),
        kernel=weight[1:3],
        stride=stride,
        pad=tuple(pads),
        groups=1,
        activation="none",
        norm=False,
        bias=step.has(3),
    )
    return done(drafts, step, True, value)


def fully_connected(drafts: Drafts, step: Step) -> Activation:
    """Of one token `linear`, of several `dense`."""
    source, shape = as_stored(drafts, step), step.activation().tensor.shape
    weight = step.constant(1, "weight").shape
    if len(weight) != 2 or not shape or not weight[1] or math.prod(shape) % weight[1]:
        raise step.refuse(f"weight of shape {weight} does not fit an input of shape {shape}")
    units, features = weight
    tokens = math.prod(shape) // features
    attributes = {"bias": step.has(2), "activation": "none"}
    if tokens == 1:
        made = draft(drafts, step, "linear", (behind(drafts, source),), (units,), **attributes)
        made = reshape(drafts, f"{step.name}.view", made, volume(step.out.shape))
        return done(drafts, step, False, made)
    if shape[-1] != features:
        source = reshape(drafts, f"{step.name}.tokens", source, (tokens, features))
    made = draft(drafts, step, "dense", (source,), (tokens, units), **attributes)
    made = reshape(drafts, f"{step.name}.view", made, volume(step.out.shape))
    return done(drafts, step, False, made)


def batch_matmul(drafts: Drafts, step: Step) -> Activation:
    """Of two activations, or of tokens and a matrix of weights."""
    out = step.out.shape
    if len(out) < 2:
        raise step.refuse(f"output of shape {out}")
    first = as_stored(drafts, step)
    a = step.activation().tensor.shape
    depth = a[-2 if step.option("AdjX") else -1]
    lead_shape = volume(out) if len(volume(out)) > 1 else out
    if isinstance(step.inputs[1], Tensor):
        if len(step.inputs[1].shape) != 2:
            raise step.refuse("weights of their own per batch or head are not supported")
        made = draft(drafts, step, "dense", (first,), lead_shape, bias=False, activation="none")
        return done(drafts, step, False, made)
    second = as_stored(drafts, step, 1)
    first = reshape(drafts, f"{step.name}.first", first, (*lead_shape[:-1], depth))
    shape = (*lead_shape[:-2], depth, lead_shape[-1])
    second = reshape(drafts, f"{step.name}.second", second, shape)
    return done(drafts, step, False, draft(drafts, step, "matmul", (first, second), lead_shape))
