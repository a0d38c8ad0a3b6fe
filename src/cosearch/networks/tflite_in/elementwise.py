"""Functions of numbers, arithmetic with constants and of activations with each other."""

from __future__ import annotations

import math
from typing import Final

from cosearch.networks.onnx_in.draft import Drafts, Value, volume
from cosearch.networks.onnx_in.pointwise import combine
from cosearch.networks.tflite_in.step import (
    Activation,
    Step,
    as_stored,
    done,
    draft,
    one_pass,
)

UNARY: Final = {
    "ABS": "Abs",
    "ELU": "Elu",
    "EXP": "Exp",
    "GELU": "Gelu",
    "HARD_SWISH": "HardSwish",
    "LEAKY_RELU": "LeakyRelu",
    "LOG": "Log",
    "LOGISTIC": "Sigmoid",
    "NEG": "Neg",
    "PRELU": "PRelu",
    "RELU": "Relu",
    "SQRT": "Sqrt",
    "TANH": "Tanh",
}
CLIPPED: Final = {"RELU6": (0.0, 6.0), "RELU_N1_TO_1": (-1.0, 1.0), "RELU_0_TO_1": (0.0, 1.0)}
BINARY: Final = {
    "ADD": "Add",
    "DIV": "Div",
    "MAXIMUM": "Max",
    "MINIMUM": "Min",
    "MUL": "Mul",
    "POW": "Pow",
    "SUB": "Sub",
}
_AFFINE: Final = {"Add": "bias", "Sub": "bias", "Mul": "scale", "Div": "scale"}


def unary(drafts: Drafts, step: Step) -> Activation:
    """A function of one number."""
    source = step.activation()
    function = source.value.function
    if step.op in CLIPPED:
        function = function.clip(*CLIPPED[step.op])
    else:
        alpha = {"alpha": step.options["Alpha"]} if "Alpha" in step.options else {}
        function = function.unary(UNARY[step.op], alpha)
    return Activation(Value(source.value.base, function, len(drafts)), step.out, source.image)


def elementwise(drafts: Drafts, step: Step) -> Activation:
    """One pass of a kind the graph has no operator of its own for."""
    return one_pass(drafts, step, "elementwise")


def binary(drafts: Drafts, step: Step) -> Activation:
    """Of two activations, or of one and a constant."""
    op, (first, second) = BINARY[step.op], step.inputs[:2]
    if isinstance(first, Activation) and isinstance(second, Activation):
        return _meet(drafts, step, op)
    turned = not isinstance(first, Activation)
    source = step.activation(int(turned))
    constant = step.constant(int(not turned), "constant")
    function = source.value.function
    if (
        constant.value is not None
        and constant.value.size == 1
        and not step.options.get("FusedActivationFunction")
    ):
        number = float(constant.value.reshape(()))
        sides = (number, function) if turned else (function, number)
        value = Value(source.value.base, combine(op, *sides), len(drafts))
        return Activation(value, step.out, source.image)
    shape = drafts[source.value.base].shape
    if step.out.shape != source.tensor.shape:
        return elementwise(drafts, step)
    if op in _AFFINE and math.prod(constant.shape) == step.out.shape[-1] and not turned:
        made = draft(drafts, step, "activation", (source.value,), shape, activation=_AFFINE[op])
    elif op == "Add" and math.prod(constant.shape) == math.prod(step.out.shape):
        made = draft(drafts, step, "position", (source.value,), shape)
    else:
        return elementwise(drafts, step)
    return done(drafts, step, source.image, made)


def _meet(drafts: Drafts, step: Step, op: str) -> Activation:
    sides = [step.activation(0), step.activation(1)]
    twice = op == "Add" and sides[0].value.function.key == sides[1].value.function.key
    if sides[0].value.base == sides[1].value.base and not twice:
        function = combine(op, sides[0].value.function, sides[1].value.function)
        made = Value(sides[0].value.base, function, len(drafts))
        return Activation(step.fused(made), step.out, sides[0].image)
    sides.sort(key=lambda side: side.tensor.shape != step.out.shape)
    if op not in ("Add", "Mul") or sides[0].tensor.shape != step.out.shape:
        return elementwise(drafts, step)
    image = sides[0].image
    values = tuple(side.value for side in sides)
    shape = drafts[values[0].base].shape
    made = draft(drafts, step, op.lower(), values, shape, activation="none")
    return done(drafts, step, image, made)


def softmax(drafts: Drafts, step: Step) -> Activation:
    """Over the last axis of the file, the channels of images."""
    if math.prod(step.out.shape[1:3]) > 1 and step.activation().image:
        return elementwise(drafts, step)
    source = as_stored(drafts, step)
    return done(
        drafts, step, False, draft(drafts, step, "softmax", (source,), volume(step.out.shape))
    )
