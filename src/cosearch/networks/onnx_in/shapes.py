"""The shape of every tensor, as far as it can be worked out from the input's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosearch.networks.network import Shape
from cosearch.networks.onnx_in.constants import evaluate
from cosearch.networks.onnx_in.proto import attempt

ROUNDS: Final = 20  # of inferring and folding; each makes progress or is the last

Shapes = dict[str, Shape]
Values = dict[str, NDArray[Any]]


def infer(model: Any, path: Path) -> tuple[Shapes, Values]:
    """Shapes, batch included, and the values of small tensors that follow from them.

    onnx infers shapes but works out few values; exporters compute shapes from values from shapes.
    So what is constant is folded into `model`, and the inference repeated while that helps.
    """
    del model.graph.value_info[:]  # would still speak of the dynamic batch
    for value in model.graph.output:  # so may these, or of another element type than we infer
        value.ClearField("type")
    values: Values = {}
    for _ in range(ROUNDS):
        shapes = _infer(model, path)
        values.update(_stored(model))
        if not fold(model, shapes, values) or not _missing(model, shapes):
            break
    return shapes, values


def _infer(model: Any, path: Path) -> Shapes:
    import onnx

    inferred = attempt(
        path,
        "is not a valid ONNX model",
        lambda: onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True),
    )
    graph = inferred.graph
    known = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    for value in [*graph.input, *graph.value_info, *graph.output]:
        known.update({name: shape for name, shape in _static(value) if name not in known})
    return known


def _static(value: Any) -> Iterator[tuple[str, Shape]]:
    """(name, shape) of a declared tensor if its shape is fixed."""
    if not value.type.HasField("tensor_type") or not value.type.tensor_type.HasField("shape"):
        return
    dims = value.type.tensor_type.shape.dim
    if all(dim.HasField("dim_value") for dim in dims):
        yield value.name, tuple(int(dim.dim_value) for dim in dims)


def _stored(model: Any) -> Values:
    from onnx import numpy_helper

    return {t.name: np.asarray(numpy_helper.to_array(t)) for t in model.graph.initializer}


def _missing(model: Any, shapes: Shapes) -> bool:
    return any(name not in shapes for node in model.graph.node for name in node.output if name)


def fold(model: Any, shapes: Shapes, values: Values) -> bool:
    """Replace nodes whose results are known by these, adding to `values`; whether there were."""
    from onnx import numpy_helper

    folded = []
    for index, node in enumerate(model.graph.node):
        results = evaluate(node, shapes, values)
        if results is None or len(results) != len(node.output):
            continue
        folded.append(index)
        for name, result in zip(node.output, results, strict=True):
            values[name], shapes[name] = result, result.shape
            model.graph.initializer.append(numpy_helper.from_array(result, name))
    for index in reversed(folded):
        del model.graph.node[index]
    return bool(folded)
