"""Operators that quantisers and runtimes add to ONNX, spelled as the standard ones they contain.

Quantised operators take scales and zero points between their tensors; only the tensors count.
Sources: ONNX operator schemas (QLinearConv, ...); onnxruntime's ContribOperators (QGemm, ...).
"""

from __future__ import annotations

from typing import Any, Final

STANDARD: Final = ("", "ai.onnx")
MICROSOFT: Final = "com.microsoft"

# operator -> the standard one, and which of its inputs are tensors
PICKED: Final[dict[str, tuple[str, tuple[int, ...]]]] = {
    "ConvInteger": ("Conv", (0, 1)),
    "MatMulInteger": ("MatMul", (0, 1)),
    "QLinearConv": ("Conv", (0, 3, 8)),
    "QLinearMatMul": ("MatMul", (0, 3)),
}
PICKED_MICROSOFT: Final[dict[str, tuple[str, tuple[int, ...]]]] = {
    "DequantizeLinear": ("DequantizeLinear", (0, 1, 2)),
    "FusedConv": ("Conv", (0, 1, 2)),
    "FusedGemm": ("Gemm", (0, 1, 2)),
    "QGemm": ("Gemm", (0, 3, 6)),
    "QLinearAdd": ("Add", (0, 3)),
    "QLinearAveragePool": ("AveragePool", (0,)),
    "QLinearGlobalAveragePool": ("GlobalAveragePool", (0,)),
    "QLinearLeakyRelu": ("LeakyRelu", (0,)),
    "QLinearMul": ("Mul", (0, 3)),
    "QLinearSigmoid": ("Sigmoid", (0,)),
    "QLinearSoftmax": ("Softmax", (0,)),
    "QuantizeLinear": ("QuantizeLinear", (0, 1, 2)),
}
# of one tensor and of the shape of it: for shapes an Identity
FUNCTIONS: Final = {"FastGelu": "Gelu", "Gelu": "Gelu", "QuickGelu": "Swish"}
_DROPPED: Final = ("channels_last", "opset")


def standardise(model: Any) -> dict[str, str]:
    """Rewrite nodes in place; returns what those are that have to pose as `Identity`."""
    posing: dict[str, str] = {}
    for node in model.graph.node:
        if node.domain in STANDARD and node.op_type in PICKED:
            _pick(node, *PICKED[node.op_type])
        elif node.domain == MICROSOFT and node.op_type in PICKED_MICROSOFT:
            _pick(node, *PICKED_MICROSOFT[node.op_type])
        elif node.domain == MICROSOFT and node.op_type == "QLinearConcat":
            _pick(node, "Concat", tuple(range(2, len(node.input), 3)))
        elif node.domain == MICROSOFT and node.op_type in FUNCTIONS and node.input:
            posing[node.name] = FUNCTIONS[node.op_type]
            pose(node)
    return posing


def _pick(node: Any, op: str, inputs: tuple[int, ...]) -> None:
    if any(a.name == "channels_last" and a.i for a in node.attribute):
        return  # images the other way round: stays, and is refused as unknown
    given = list(node.input)
    kept = [given[i] if i < len(given) else "" for i in inputs]
    while kept and not kept[-1]:
        kept.pop()
    node.op_type, node.domain = op, ""
    del node.input[:]
    node.input.extend(kept)
    attributes = [a for a in node.attribute if a.name not in _DROPPED]
    del node.attribute[:]
    node.attribute.extend(attributes)


def pose(node: Any) -> None:
    """Make `node` an `Identity` of its first input."""
    first, output = node.input[0], node.output[0]
    del node.input[:], node.output[:], node.attribute[:]
    node.input.append(first)
    node.output.append(output)
    node.op_type, node.domain = "Identity", ""
