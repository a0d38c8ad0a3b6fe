"""What is known before the network runs: shapes for all, values for what is small."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosearch.networks.network import Shape
from cosearch.networks.onnx_in.draft import Constant

KEEP: Final = 256  # elements; weights are known by shape alone

ARITHMETIC: Final = frozenset(
    (
        "Abs",
        "Add",
        "And",
        "Cast",
        "Ceil",
        "Clip",
        "Concat",
        "ConstantOfShape",
        "DequantizeLinear",
        "Div",
        "Equal",
        "Expand",
        "Flatten",
        "Floor",
        "Gather",
        "Greater",
        "GreaterOrEqual",
        "Identity",
        "Less",
        "LessOrEqual",
        "Max",
        "Min",
        "Mod",
        "Mul",
        "Neg",
        "Not",
        "Or",
        "Pow",
        "QuantizeLinear",
        "Range",
        "ReduceMax",
        "ReduceMin",
        "ReduceProd",
        "ReduceSum",
        "Reshape",
        "Slice",
        "Split",
        "Sqrt",
        "Squeeze",
        "Sub",
        "Sum",
        "Tile",
        "Transpose",
        "Unsqueeze",
        "Where",
    )
)
GROWING: Final = ("ConstantOfShape", "Expand", "Range", "Tile")

Values = Mapping[str, NDArray[Any]]


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


def evaluate(node: Any, shapes: Mapping[str, Shape], values: Values) -> list[NDArray[Any]] | None:
    """Results of `node` if they are small and follow from known values and shapes, else None."""
    if node.op_type in ("Shape", "Size"):
        return _shape_of(node, shapes)
    if node.op_type == "Constant":
        return _constant(node)
    inputs = [name for name in node.input if name]
    if node.op_type not in ARITHMETIC or any(name not in values for name in inputs):
        return None
    given = [values[name] for name in inputs]
    if node.op_type in GROWING and not _stays_small(node.op_type, given):
        return None
    from onnx.reference import ReferenceEvaluator

    try:
        with np.errstate(all="ignore"):
            results = ReferenceEvaluator(node).run(None, dict(zip(inputs, given, strict=True)))
    except Exception:  # a damaged file: whoever needs the value says so
        return None
    arrays = [np.asarray(result) for result in results]
    return arrays if all(array.size <= KEEP for array in arrays) else None


def _shape_of(node: Any, shapes: Mapping[str, Shape]) -> list[NDArray[Any]] | None:
    shape = shapes.get(node.input[0]) if node.input else None
    if shape is None:
        return None
    if node.op_type == "Size":
        return [np.array(math.prod(shape))]
    ends = {a.name: a.i for a in node.attribute if a.name in ("start", "end")}
    return [np.array(shape[ends.get("start", 0) : ends.get("end", len(shape))], dtype=np.int64)]


def _constant(node: Any) -> list[NDArray[Any]] | None:
    from onnx.helper import get_attribute_value

    for attribute in node.attribute:
        given = get_attribute_value(attribute)
        if attribute.name == "value":
            value = from_tensor(given, "").value
            return None if value is None else [value]
        if attribute.name.startswith("value_"):
            array = np.asarray(given)
            return [array] if array.dtype.kind in "if" and array.size <= KEEP else None
    return None


def _stays_small(op: str, given: list[NDArray[Any]]) -> bool:
    """Whether the result, whose size the values decide, has at most `KEEP` elements."""
    if any(array.dtype.kind not in "iufb" for array in given):
        return False
    numbers = [array.astype(np.float64).reshape(-1) for array in given]
    if op == "Range":
        ends = [float(number[0]) for number in numbers if len(number)]
        size = abs(ends[1] - ends[0]) / abs(ends[2]) if len(ends) == 3 and ends[2] else math.inf
        return size <= KEEP
    size = float(np.prod(np.maximum(np.abs(numbers[-1]), 1))) if numbers else math.inf
    return size * (max(given[0].size, 1) if op != "ConstantOfShape" else 1) <= KEEP
