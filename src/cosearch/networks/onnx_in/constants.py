"""Operators on constants: shapes for all, values where a later operator may ask for them."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosearch.networks.onnx_in.draft import Constant, Step

KEEP: Final = 64  # elements; weights are known by shape alone

_SAME_VALUE: Final = ("Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze")
_SHAPE_ONLY: Final = (
    "Add",
    "Concat",
    "Div",
    "Gather",
    "Mul",
    "Shape",
    "Slice",
    "Sub",
    "Transpose",
)
CONSTANT_OPS: Final = ("Constant", "DequantizeLinear", "QuantizeLinear", *_SAME_VALUE, *_SHAPE_ONLY)


def from_tensor(tensor: Any, folder: str) -> Constant:
    """A stored tensor; data in a file beside the model is read only where its value counts."""
    from onnx import numpy_helper

    shape = tuple(int(size) for size in tensor.dims)
    if math.prod(shape) > KEEP:
        return Constant(shape)
    try:
        return Constant(shape, np.asarray(numpy_helper.to_array(tensor, folder)))
    except Exception:  # missing or damaged data: whoever needs the value says so
        return Constant(shape)


def from_attributes(step: Step, folder: str) -> Constant:
    """The operator `Constant`."""
    for name, value in step.attributes.items():
        if name == "value":
            return from_tensor(value, folder)
        if name.startswith("value_"):
            array = np.asarray(value)
            return Constant(array.shape, array if array.dtype.kind in "if" else None)
    raise step.refuse("it has no value")


def fold(step: Step, folder: str) -> Constant:
    """The result of `step`, whose inputs are all constants."""
    if step.op == "Constant":
        return from_attributes(step, folder)
    if step.op not in CONSTANT_OPS:
        raise step.refuse("not supported on constants")
    sources = [source for source in step.inputs if isinstance(source, Constant)]
    if not sources:
        raise step.refuse("it has no inputs")
    values = [source.value for source in sources]
    if step.op in _SAME_VALUE:
        return Constant(step.shape, values[0])
    if step.op == "DequantizeLinear":
        return Constant(step.shape, _dequantize(values))
    if step.op == "QuantizeLinear":
        return Constant(step.shape, _quantize(values))
    return Constant(step.shape)


def _dequantize(values: list[NDArray[Any] | None]) -> NDArray[Any] | None:
    data, scale, zero = _parts(values)
    return None if data is None else (data - zero) * scale


def _quantize(values: list[NDArray[Any] | None]) -> NDArray[Any] | None:
    data, scale, zero = _parts(values)
    return None if data is None else np.rint(data / scale) + zero


def _parts(values: list[NDArray[Any] | None]) -> tuple[NDArray[Any] | None, Any, Any]:
    """Data, scale and zero point of a single number; more than one number is known by shape."""
    known = [np.asarray(v, dtype=np.float64) for v in values if v is not None and v.size == 1]
    if len(known) < max(len(values), 2):
        return None, 1.0, 0.0
    return known[0], known[1], known[2] if len(known) > 2 else 0.0
