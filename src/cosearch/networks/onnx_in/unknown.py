"""Operators we know nothing of: refused, or taken for data movement."""

from __future__ import annotations

from typing import Any, Final

from cosearch.errors import CosearchError
from cosearch.networks.network import Shape
from cosearch.networks.onnx_in import contrib
from cosearch.networks.onnx_in.constants import ARITHMETIC
from cosearch.networks.onnx_in.operators import HANDLERS

STANDARD_OPS: Final = frozenset({*HANDLERS, *ARITHMETIC, *contrib.PICKED, "Constant"})
SUPPORTED: Final = tuple(sorted(STANDARD_OPS | contrib.MICROSOFT_OPS))

ADVICE: Final = "--allow-unknown counts it as data movement"


def settle(model: Any, allow: bool) -> dict[str, str]:
    """Refuse operators we do not know, or have them stand in as data movement: {node: operator}."""
    strange = [node for node in model.graph.node if not _is_known(node)]
    if allow:
        return _stand_in(model, strange)
    for node in strange:
        raise CosearchError(
            f"node {node.name!r}: operator {_name(node)} is not supported; {ADVICE}"
        )
    return {}


def _is_known(node: Any) -> bool:
    if node.domain in contrib.STANDARD:
        return node.op_type in STANDARD_OPS
    return bool(node.domain == contrib.MICROSOFT and node.op_type in contrib.MICROSOFT_OPS)


def _name(node: Any) -> str:
    return node.op_type if node.domain in contrib.STANDARD else f"{node.domain}.{node.op_type}"


def _stand_in(model: Any, strange: list[Any]) -> dict[str, str]:
    """Make them identities, or of the shape that the file states; returns their operators."""
    from onnx import TensorProto, helper

    operators = {}
    for node in strange:
        operators[node.name] = _name(node).lower()
        output = node.output[0] if node.output else ""
        if not node.input or not output:
            raise CosearchError(f"node {node.name!r} ({_name(node)}) has no input or no output")
        contrib.pose(node)
        shape = _stated(model, output)
        if shape is None:
            continue
        node.op_type = "Reshape"
        node.input.append(f"{output}.shape")
        tensor = helper.make_tensor(f"{output}.shape", TensorProto.INT64, [len(shape)], shape)
        model.graph.initializer.append(tensor)
    return operators


def _stated(model: Any, name: str) -> Shape | None:
    """The shape that the file states for a tensor, an open batch taken as 1."""
    for value in (*model.graph.value_info, *model.graph.output):
        if value.name != name or not value.type.tensor_type.HasField("shape"):
            continue
        dims = [int(dim.dim_value) for dim in value.type.tensor_type.shape.dim]
        shape = (dims[0] or 1, *dims[1:]) if dims else ()
        return shape if shape and min(shape) > 0 else None
    return None
