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
SPELLED: Final = ("BiasGelu", "SkipLayerNormalization")  # as several standard operators
MICROSOFT_OPS: Final = frozenset(
    {*PICKED_MICROSOFT, *FUNCTIONS, *SPELLED, "FusedMatMul", "QLinearConcat"}
)
_DROPPED: Final = ("channels_last", "opset")


def standardise(model: Any) -> dict[str, str]:
    """Rewrite nodes in place; returns what those are that have to pose as `Identity`."""
    posing: dict[str, str] = {}
    matrices = {tensor.name for tensor in model.graph.initializer if len(tensor.dims) == 2}
    matrices |= {value.name for value in model.graph.input if _rank(value) == 2}  # set aside
    _spell(model)
    for node in model.graph.node:
        if node.domain in STANDARD and node.op_type in PICKED:
            _pick(node, *PICKED[node.op_type])
        elif node.domain == MICROSOFT and node.op_type in PICKED_MICROSOFT:
            _pick(node, *PICKED_MICROSOFT[node.op_type])
        elif node.domain == MICROSOFT and node.op_type == "QLinearConcat":
            _pick(node, "Concat", tuple(range(2, len(node.input), 3)))
        elif node.domain == MICROSOFT and node.op_type == "FusedMatMul":
            _product(node, posing, matrices)
        elif node.domain == MICROSOFT and node.op_type in FUNCTIONS and node.input:
            posing[node.name] = FUNCTIONS[node.op_type]
            pose(node)
    return posing


def _spell(model: Any) -> None:
    """Replace the operators in `SPELLED`."""
    nodes = []
    for node in model.graph.node:
        spelled = node.domain == MICROSOFT and node.op_type in SPELLED and len(node.input) > 1
        nodes.append(_spelled(node) if spelled else [node])
    if all(len(parts) == 1 for parts in nodes):
        return
    flat = [type(node).FromString(node.SerializeToString()) for parts in nodes for node in parts]
    del model.graph.node[:]
    model.graph.node.extend(flat)


def _spelled(node: Any) -> list[Any]:
    """A sum of the inputs, then a norm or a function; the sum may be an output, too."""
    from onnx import helper

    given, made = list(node.input), list(node.output)
    total = made[3] if len(made) > 3 and made[3] else f"{node.name}.sum"
    nodes = [helper.make_node("Add", given[:2], [total], f"{node.name}.add")]
    if node.op_type == "BiasGelu":
        last = helper.make_node("Gelu", [total], made[:1], node.name, domain=MICROSOFT)
        return [*nodes, last]
    if len(given) > 4 and given[4]:
        nodes[0].output[0] = f"{node.name}.unbiased"
        inputs = [f"{node.name}.unbiased", given[4]]
        nodes.append(helper.make_node("Add", inputs, [total], f"{node.name}.bias"))
    eps = {a.name: a.f for a in node.attribute if a.name == "epsilon"}
    inputs = [total, *given[2:4]]
    norm = helper.make_node("LayerNormalization", inputs, made[:1], node.name, axis=-1, **eps)
    return [*nodes, norm]


def _rank(value: Any) -> int:
    return len(value.type.tensor_type.shape.dim)


def _product(node: Any, posing: dict[str, str], matrices: set[str]) -> None:
    """For shapes an Einsum; the handler reads the attributes."""
    turned = {a.name: a.i for a in node.attribute}
    if turned.get("transBatchA") or turned.get("transBatchB"):
        return  # stays, and is refused as unknown
    first = "...km" if turned.get("transA") else "...mk"
    second = "...nk" if turned.get("transB") else "...kn"
    if len(node.input) > 1 and node.input[1] in matrices:
        second = second.removeprefix("...")
    equation = node.attribute.add()
    equation.name, equation.type = "equation", 3  # a string
    equation.s = f"{first},{second}->...mn".encode()
    posing[node.name] = "FusedMatMul"
    node.op_type, node.domain = "Einsum", ""


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
