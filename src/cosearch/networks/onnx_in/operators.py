"""The operators of ONNX: for each, how it becomes drafts. One table, read by one function."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from cosearch.networks.network import Shape
from cosearch.networks.onnx_in.draft import Constant, Draft, Step, Value, volume
from cosearch.networks.onnx_in.pointwise import BINARY, UNARY, combine

Drafts = dict[str, Draft]
Result = Value | Constant


def _draft(
    drafts: Drafts, step: Step, op: str, inputs: tuple[Value, ...], shape: Shape, **attributes: Any
) -> Value:
    drafts[step.name] = Draft(step.name, op, inputs, shape, attributes)
    return Value(step.name)


def _elementwise(drafts: Drafts, step: Step, activation: str) -> Value:
    """One pass over the output, of a kind the graph has no operator of its own for."""
    source = step.activation()
    same = step.shape == step.input_shapes[0]
    shape = drafts[source.base].shape if same else volume(step.shape)
    return _draft(drafts, step, "activation", (source,), shape, activation=activation)


# ---- products


def _conv(drafts: Drafts, step: Step) -> Value:
    source, weight = step.activation(), step.constant(1, "weight")
    if len(weight.shape) != 4 or len(step.input_shapes[0]) != 4 or len(step.shape) != 4:
        raise step.refuse(f"weight of shape {weight.shape}: only 2-D convolutions are supported")
    if step.integers("dilations", (1, 1)) != (1, 1):
        raise step.refuse(f"dilations {step.attributes['dilations']}: only [1, 1] is supported")
    (groups,) = step.integers("group", (1,))
    out, per_group, *kernel = weight.shape
    channels = step.input_shapes[0][1]
    if groups < 1 or per_group * groups != channels or out % groups or step.shape[1] != out:
        raise step.refuse(f"weight {weight.shape}, {groups} groups, {channels} input channels")
    return _draft(
        drafts,
        step,
        "conv",
        (source,),
        step.shape[1:],
        kernel=tuple(kernel),
        **_stride_and_pad(step),
        groups=groups,
        activation="none",
        norm=False,
        bias=_has(step, 2),
    )


def _stride_and_pad(step: Step) -> dict[str, Any]:
    """`pad` is (top, left) where that says it all, else (top, left, bottom, right)."""
    strides = step.integers("strides", (1, 1))
    if strides[0] != strides[1] or strides[0] < 1:
        raise step.refuse(f"strides {list(strides)}: must be equal and at least 1")
    pads = step.integers("pads", (0, 0, 0, 0))
    if step.attributes.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        pads = _same_pads(step, strides[0])
    return {"stride": strides[0], "pad": pads[:2] if pads[:2] == pads[2:] else pads}


def _same_pads(step: Step, stride: int) -> tuple[int, ...]:
    """What SAME_UPPER and SAME_LOWER work out to."""
    kernel = step.attributes.get("kernel_shape")
    if kernel is None:
        kernel = step.constant(1, "weight").shape[2:]
    sizes = zip(step.input_shapes[0][2:], step.shape[2:], kernel, strict=True)
    total = [max((out - 1) * stride + int(k) - size, 0) for size, out, k in sizes]
    small, large = [t // 2 for t in total], [t - t // 2 for t in total]
    upper = step.attributes["auto_pad"] == "SAME_UPPER"
    return (*small, *large) if upper else (*large, *small)


def _has(step: Step, index: int) -> bool:
    return index < len(step.inputs) and step.inputs[index] is not None


def _gemm(drafts: Drafts, step: Step) -> Value:
    if step.attributes.get("transA", 0):
        raise step.refuse("transA = 1 is not supported")
    weight = step.constant(1, "weight").shape
    if step.attributes.get("transB", 0):
        weight = weight[::-1]
    return _product(drafts, step, weight, bias=_has(step, 2))


def _matmul(drafts: Drafts, step: Step) -> Value:
    return _product(drafts, step, step.constant(1, "weight").shape, bias=False)


def _product(drafts: Drafts, step: Step, weight: Shape, *, bias: bool) -> Value:
    """Fully connected over the last axis; where other axes remain, a 1x1 convolution of them."""
    source, shape = step.activation(), step.input_shapes[0]
    if len(weight) != 2 or not shape or shape[-1] != weight[0]:
        raise step.refuse(f"weight of shape {weight} does not fit an input of shape {shape}")
    features, units = weight
    tokens = math.prod(shape[:-1])
    if tokens == 1:
        inputs = (_unflattened(drafts, source),)
        attributes = {"bias": bias, "activation": "none"}
        return _draft(drafts, step, "linear", inputs, (units,), **attributes)
    if drafts[source.base].shape != (features, tokens, 1):
        name = f"{step.name}.tokens"
        drafts[name] = Draft(name, "flatten", (source,), (features, tokens, 1))
        source = Value(name)
    return _draft(
        drafts,
        step,
        "conv",
        (source,),
        (units, tokens, 1),
        kernel=(1, 1),
        stride=1,
        pad=(0, 0),
        groups=1,
        activation="none",
        norm=False,
        bias=bias,
    )


def _unflattened(drafts: Drafts, source: Value) -> Value:
    """`linear` flattens by itself: look behind a view."""
    while drafts[source.base].op == "flatten" and source.function.is_identity:
        (source,) = drafts[source.base].inputs
    return source


# ---- windows


def _pool(drafts: Drafts, step: Step) -> Value:
    if len(step.input_shapes[0]) != 4:
        raise step.refuse(f"input of shape {step.input_shapes[0]}: only 2-D pooling is supported")
    if step.integers("dilations", (1, 1)) != (1, 1):
        raise step.refuse(f"dilations {step.attributes['dilations']}: only [1, 1] is supported")
    if "kernel_shape" not in step.attributes:
        raise step.refuse("kernel_shape is missing")
    kernel = step.integers("kernel_shape", (1, 1))
    if min(kernel) < 1:
        raise step.refuse(f"kernel_shape {list(kernel)}: must be at least 1")
    op = "max_pool" if step.op == "MaxPool" else "avg_pool"
    attributes = {"kernel": kernel, **_stride_and_pad(step)}
    return _draft(drafts, step, op, (step.activation(),), step.shape[1:], **attributes)


def _global_pool(drafts: Drafts, step: Step) -> Value:
    shape = step.input_shapes[0]
    if len(shape) != 4:
        raise step.refuse(f"input of shape {shape}: only 2-D pooling is supported")
    op = "max_pool" if step.op == "GlobalMaxPool" else "avg_pool"
    attributes = {"kernel": shape[2:], "stride": 1, "pad": (0, 0)}
    return _draft(drafts, step, op, (step.activation(),), (shape[1], 1, 1), **attributes)


def _reduce_mean(drafts: Drafts, step: Step) -> Value:
    axes = step.attributes.get("axes")
    if axes is None and _has(step, 1):
        axes = step.constant(1, "axes").value
    rank = len(step.input_shapes[0])
    given = None if axes is None else sorted(int(a) % max(rank, 1) for a in np.atleast_1d(axes))
    if rank != 4 or given != [2, 3]:
        raise step.refuse(f"axes {given} of {rank}: only the mean over height and width (2, 3)")
    return _global_pool(drafts, step)


# ---- elementwise


def _unary(drafts: Drafts, step: Step) -> Value:
    source = step.activation()
    return Value(source.base, source.function.unary(step.op, step.attributes))


def _clip(drafts: Drafts, step: Step) -> Value:
    source = step.activation()
    low, high = (
        step.number(step.constant(i, name)) if _has(step, i) else step.attributes.get(name, default)
        for i, name, default in ((1, "min", -math.inf), (2, "max", math.inf))
    )
    return Value(source.base, source.function.clip(low, high))


_AFFINE: Final = {"Add": "bias", "Sub": "bias", "Mul": "scale", "Div": "scale"}


def _binary(drafts: Drafts, step: Step) -> Value:
    """Scalar arithmetic is part of an activation; two layers' outputs meet in `add` or `mul`."""
    if len(step.inputs) != 2 or None in step.inputs:
        raise step.refuse(f"{len(step.inputs)} inputs: only two are supported")
    first, second = step.inputs
    if isinstance(first, Value) and isinstance(second, Value):
        return _meet(drafts, step, first, second)
    source, constant = (first, second) if isinstance(first, Value) else (second, first)
    assert isinstance(source, Value)
    assert isinstance(constant, Constant)
    if step.shape != step.input_shapes[step.inputs.index(source)]:
        raise step.refuse(f"a constant of shape {constant.shape} enlarges its input")
    draft = drafts[source.base]
    if math.prod(constant.shape) == 1 and draft.shape[0] > 1:
        number = step.number(constant)
        sides = (s.function if isinstance(s, Value) else number for s in (first, second))
        return Value(source.base, combine(step.op, *sides))
    affine = _per_channel(constant.shape, len(step.shape)) and (
        source is first or step.op in ("Add", "Mul")
    )
    kind = _AFFINE.get(step.op, step.op.lower()) if affine else step.op.lower()
    return _draft(drafts, step, "activation", (source,), draft.shape, activation=kind)


def _per_channel(constant: Shape, rank: int) -> bool:
    """Whether `constant` varies along the channels only: axis 1 of images, else the last."""
    axis = 1 if rank == 4 else rank - 1
    padded = (1,) * (rank - len(constant)) + constant
    return all(size == 1 for i, size in enumerate(padded) if i != axis)


def _meet(drafts: Drafts, step: Step, first: Value, second: Value) -> Value:
    if first.base == second.base:
        return Value(first.base, combine(step.op, first.function, second.function))
    if step.op not in ("Add", "Mul"):
        raise step.refuse(f"{step.op} of two activations is not supported, only Add and Mul")
    pairs = list(zip((first, second), step.input_shapes, strict=True))
    pairs.sort(key=lambda pair: pair[1] != step.shape)
    if pairs[0][1] != step.shape:
        raise step.refuse(f"shapes {pairs[0][1]} and {pairs[1][1]} enlarge each other")
    inputs = tuple(value for value, _ in pairs)
    shape = drafts[inputs[0].base].shape
    return _draft(drafts, step, step.op.lower(), inputs, shape, activation="none")


def _batch_norm(drafts: Drafts, step: Step) -> Value:
    return _elementwise(drafts, step, "batch_norm")


def _softmax(drafts: Drafts, step: Step) -> Value:
    return _elementwise(drafts, step, "softmax")


def _pad(drafts: Drafts, step: Step) -> Value:
    mode = step.attributes.get("mode", "constant")
    if mode != "constant":
        raise step.refuse(f"mode {mode!r}: only padding with zeros is supported")
    value = step.attributes.get("value", 0.0)
    if _has(step, 2):
        value = step.number(step.constant(2, "value"))
    if value != 0:
        raise step.refuse(f"value {value:g}: only padding with zeros is supported")
    if step.shape == step.input_shapes[0]:
        return step.activation()
    return _elementwise(drafts, step, "pad")


def _concat(drafts: Drafts, step: Step) -> Value:
    inputs = tuple(step.activation(i) for i in range(len(step.inputs)))
    (axis,) = step.integers("axis", (1,))
    attributes = {"axis": axis % len(step.shape), "activation": "none"}
    return _draft(drafts, step, "concat", inputs, volume(step.shape), **attributes)


# ---- no work


def _same(drafts: Drafts, step: Step) -> Value:
    return step.activation()


def _view(drafts: Drafts, step: Step) -> Value:
    source = step.activation()
    shape = volume(step.shape)
    if drafts[source.base].shape == shape:
        return source
    return _draft(drafts, step, "flatten", (source,), shape)


def _shape(drafts: Drafts, step: Step) -> Constant:
    return Constant(step.shape)


HANDLERS: Final[dict[str, Callable[[Drafts, Step], Result]]] = {
    "AveragePool": _pool,
    "BatchNormalization": _batch_norm,
    "Cast": _same,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": _conv,
    "DequantizeLinear": _same,
    "Dropout": _same,
    "Flatten": _view,
    "Gemm": _gemm,
    "GlobalAveragePool": _global_pool,
    "GlobalMaxPool": _global_pool,
    "Identity": _same,
    "MatMul": _matmul,
    "MaxPool": _pool,
    "Pad": _pad,
    "QuantizeLinear": _same,
    "ReduceMean": _reduce_mean,
    "Reshape": _view,
    "Shape": _shape,
    "Softmax": _softmax,
    "Squeeze": _view,
    "Unsqueeze": _view,
    **dict.fromkeys(UNARY, _unary),
    **dict.fromkeys(BINARY, _binary),
}
