"""Arithmetic of activations with constants and with each other; normalisations."""

from __future__ import annotations

import math
from typing import Any, Final

from cosearch.networks.network import Shape
from cosearch.networks.onnx_in.draft import (
    Constant,
    Draft,
    Drafts,
    Step,
    Value,
    lead,
    put,
    volume,
)
from cosearch.networks.onnx_in.pointwise import BINARY, UNARY, combine

_AFFINE: Final = {"Add": "bias", "Sub": "bias", "Mul": "scale", "Div": "scale"}
_LAST: Final = ("dense", "layer_norm", "linear", "matmul")  # channels are the last axis of these


def elementwise(drafts: Drafts, step: Step) -> Value:
    """One pass over the output, of a kind the graph has no operator of its own for."""
    sources = tuple(source for source in step.inputs if isinstance(source, Value))
    operator = step.op.lower()
    return put(drafts, step.name, "elementwise", sources, volume(step.shape), operator=operator)


def unary(drafts: Drafts, step: Step) -> Value:
    """A function of one number."""
    source = step.activation()
    function = source.function.unary(step.op, step.attributes)
    return Value(source.base, function, len(drafts))


def clip(drafts: Drafts, step: Step) -> Value:
    """Between two numbers, either of which may be missing."""
    source = step.activation()
    low, high = (
        step.number(step.constant(i, name)) if step.has(i) else step.attributes.get(name, default)
        for i, name, default in ((1, "min", -math.inf), (2, "max", math.inf))
    )
    return Value(source.base, source.function.clip(low, high), len(drafts))


# ---- with a constant


def binary(drafts: Drafts, step: Step) -> Value:
    """Scalar arithmetic is part of an activation; two layers' outputs meet in `add` or `mul`."""
    if len(step.inputs) == 1:
        return step.activation()
    if None in step.inputs or (len(step.inputs) > 2 and step.op not in ("Max", "Min", "Sum")):
        raise step.refuse(f"{len(step.inputs)} inputs: only two are supported")
    first, second, *more = step.inputs
    if more:
        return elementwise(drafts, step)
    if isinstance(first, Value) and isinstance(second, Value):
        return _meet(drafts, step, first, second)
    source, constant = (first, second) if isinstance(first, Value) else (second, first)
    assert isinstance(source, Value)
    assert isinstance(constant, Constant)
    if constant.of_range:  # part of turning integers back into numbers
        return source
    if step.shape != step.input_shapes[step.inputs.index(source)]:
        return elementwise(drafts, step)
    if math.prod(constant.shape) == 1 and _is_number(constant, drafts[source.base]):
        number = step.number(constant)
        sides = (s.function if isinstance(s, Value) else number for s in (first, second))
        return Value(source.base, combine(step.op, *sides), len(drafts))
    return _with_tensor(drafts, step, source, constant, turned=source is second)


def _is_number(constant: Constant, draft: Draft) -> bool:
    """Whether one element is a number for all, not the scale of the only channel."""
    channels = draft.shape[-1] if draft.op in _LAST else draft.shape[0]
    return constant.shape == () or channels > 1


def _with_tensor(
    drafts: Drafts, step: Step, source: Value, constant: Constant, *, turned: bool
) -> Value:
    """Per channel a scale or shift, per element a position embedding, else one more pass."""
    draft = drafts[source.base]
    axis = _channel_axis(drafts, draft, len(step.shape))
    affine = _per_channel(constant.shape, len(step.shape), axis)
    if affine and step.op in _AFFINE and not (turned and step.op in ("Sub", "Div")):
        return put(
            drafts, step.name, "activation", (source,), draft.shape, activation=_AFFINE[step.op]
        )
    if step.op == "Add" and math.prod(constant.shape) == math.prod(step.shape):
        return put(drafts, step.name, "position", (source,), draft.shape)
    return put(drafts, step.name, "elementwise", (source,), draft.shape, operator=step.op.lower())


def _channel_axis(drafts: Drafts, draft: Draft, rank: int) -> int:
    """Axis 1 of images, else the last; a scale before a shift changes neither."""
    while draft.op == "activation":
        draft = drafts[draft.inputs[0].base]
    return 1 if rank == 4 and draft.op not in _LAST else rank - 1


def _per_channel(constant: Shape, rank: int, axis: int) -> bool:
    """Whether `constant` varies along `axis` only."""
    padded = (1,) * (rank - len(constant)) + constant
    return all(size == 1 for i, size in enumerate(padded) if i != axis)


# ---- with each other


def _meet(drafts: Drafts, step: Step, first: Value, second: Value) -> Value:
    twice = step.op == "Add" and first.function.key == second.function.key  # a sum like others
    if first.base == second.base and step.op in BINARY and not twice:
        function = combine(step.op, first.function, second.function)
        return Value(first.base, function, len(drafts))
    if step.op == "Div" and (norm := _normalised(drafts, step, first, second)):
        return norm
    pairs = list(zip((first, second), step.input_shapes, strict=True))
    pairs.sort(key=lambda pair: pair[1] != step.shape)
    if step.op not in ("Add", "Mul", "Sum") or pairs[0][1] != step.shape:
        return elementwise(drafts, step)
    inputs = tuple(value for value, _ in pairs)
    op = "mul" if step.op == "Mul" else "add"
    return put(drafts, step.name, op, inputs, volume(step.shape), activation="none")


def _normalised(drafts: Drafts, step: Step, top: Value, bottom: Value) -> Value | None:
    """(x - mean(x)) / sqrt(mean((x - mean(x))^2) + eps), as old exporters spell layer norms."""
    centred, spread = drafts[top.base], drafts[bottom.base]
    spelled = (
        centred.attributes.get("operator") == "sub"
        and len(centred.inputs) == 2
        and _is_mean(spread)
        and _is_mean(drafts[centred.inputs[1].base])
        and spread.inputs[0].base == centred.name
        and drafts[centred.inputs[1].base].inputs == centred.inputs[:1]
    )
    if not spelled:
        return None
    last = spread.attributes.get("axes") == (len(centred.shape) - 1,)
    if last:
        inputs, shape = centred.inputs[:1], centred.shape
        return put(drafts, step.name, "layer_norm", inputs, shape, eps=1e-5)
    return put(
        drafts,
        step.name,
        "elementwise",
        centred.inputs[:1],
        centred.shape,
        operator="layer_norm",
    )


def _is_mean(draft: Draft) -> bool:
    return draft.op == "reduce" and draft.attributes["operator"] == "mean"


# ---- normalisations


def batch_norm(drafts: Drafts, step: Step) -> Value:
    """Folded into the layer before it where only it reads that, see `folding`."""
    axis = 1 - lead(step.shape)
    made = put(
        drafts,
        step.name,
        "batch_norm",
        (step.activation(),),
        volume(step.shape),
        activation="none",
        eps=float(step.attributes.get("epsilon", 1e-5)),
    )
    if axis != 0:  # features of tokens that were flattened into the batch
        drafts[made.base].attributes["axis"] = axis
    return made


def layer_norm(drafts: Drafts, step: Step) -> Value:
    """Over the last axis; over several it is one pass all the same."""
    rank = len(step.shape)
    axis = int(step.attributes.get("axis", -1)) % max(rank, 1)
    if axis != rank - 1:
        return elementwise(drafts, step)
    eps = float(step.attributes.get("epsilon", 1e-5))
    shape = volume(step.shape)
    return put(drafts, step.name, "layer_norm", (step.activation(),), shape, eps=eps)


def softmax(drafts: Drafts, step: Step) -> Value:
    """Over the last axis; over another one it is a pass all the same."""
    shape = volume(step.shape)
    axis = int(step.attributes.get("axis", -1)) % max(len(step.shape), 1)
    if math.prod(step.shape[axis + 1 :]) > 1:
        return elementwise(drafts, step)
    return put(drafts, step.name, "softmax", (step.activation(),), shape)


def prelu(drafts: Drafts, step: Step) -> Value:
    """A leaky rectifier whose slope is learned; its value does not matter."""
    source = step.activation()
    return Value(source.base, source.function.unary("PRelu", {}), len(drafts))


def quantise(drafts: Drafts, step: Step) -> tuple[Value | Constant, ...]:
    """To int8 by a range worked out as the network runs: (integers, scale, zero point)."""
    range_ = Constant((), of_range=True)
    return step.activation(), range_, range_


ELEMENTWISE: Final[dict[str, Any]] = {
    "BatchNormalization": batch_norm,
    "Clip": clip,
    "DynamicQuantizeLinear": quantise,
    "LayerNormalization": layer_norm,
    "PRelu": prelu,
    "Softmax": softmax,
    **dict.fromkeys(
        (
            "And",
            "BitShift",
            "CumSum",
            "Equal",
            "Greater",
            "GreaterOrEqual",
            "GroupNormalization",
            "Hardmax",
            "InstanceNormalization",
            "IsInf",
            "IsNaN",
            "LRN",
            "Less",
            "LessOrEqual",
            "LogSoftmax",
            "LpNormalization",
            "MeanVarianceNormalization",
            "Mod",
            "Not",
            "Or",
            "RMSNormalization",
            "Where",
            "Xor",
        ),
        elementwise,
    ),
    **dict.fromkeys(UNARY, unary),
    **dict.fromkeys((*BINARY, "Sum"), binary),
}
