"""TFLite in: operators, on graphs made by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from cosearch.errors import CosearchError
from cosearch.networks import Network
from cosearch.networks.tflite_in.file import Graph, Operator, Tensor
from cosearch.networks.tflite_in.read import interpret

SAME, VALID = 0, 1
RELU6 = 3


class Maker:
    """Grows a graph; tensors by number."""

    def __init__(self, *shape: int) -> None:
        self.tensors = [Tensor("input", shape, False)]
        self.operators: list[Operator] = []

    def weight(self, *shape: int, value: Any = None) -> int:
        array = None if value is None else np.asarray(value)
        sizes = shape if array is None else array.shape
        self.tensors.append(Tensor(f"w{len(self.tensors)}", sizes, True, array))
        return len(self.tensors) - 1

    def op(self, op: str, inputs: list[int], *shape: int, **options: Any) -> int:
        self.tensors.append(Tensor(f"{op.lower()}{len(self.tensors)}", shape, False))
        made = len(self.tensors) - 1
        self.operators.append(Operator(op, tuple(inputs), (made,), options))
        return made

    def split(self, inputs: list[int], *shapes: tuple[int, ...]) -> list[int]:
        first = len(self.tensors)
        self.tensors += [Tensor(f"part{i}", shape, False) for i, shape in enumerate(shapes)]
        parts = list(range(first, len(self.tensors)))
        self.operators.append(Operator("SPLIT", tuple(inputs), tuple(parts), {}))
        return parts

    def read(self, output: int, **options: Any) -> Network:
        graph = Graph(tuple(self.tensors), tuple(self.operators), (0,), (output,))
        return interpret("made", graph, **options)


def ops(network: Network) -> list[str]:
    return [n.op for n, _ in network.rows]


def window(stride: int = 1, padding: int = SAME, **more: int) -> dict[str, int]:
    return {"Padding": padding, "StrideH": stride, "StrideW": stride, **more}


DILATION = {"DilationHFactor": 1, "DilationWFactor": 1}


def test_a_mobile_block() -> None:
    """Explicit padding, hard swish on its own, squeeze-and-excite by MEAN, a fused ADD."""
    g = Maker(1, 9, 9, 8)
    x = g.op(
        "CONV_2D", [0, g.weight(16, 1, 1, 8), g.weight(16)], 1, 9, 9, 16, **window(), **DILATION
    )
    x = g.op("HARD_SWISH", [x], 1, 9, 9, 16)
    edges = g.weight(value=[[0, 0], [1, 1], [1, 1], [0, 0]])
    y = g.op("PAD", [x, edges], 1, 11, 11, 16)
    frame = {**window(padding=VALID), **DILATION, "FusedActivationFunction": RELU6}
    y = g.op("DEPTHWISE_CONV_2D", [y, g.weight(1, 3, 3, 16), g.weight(16)], 1, 9, 9, 16, **frame)
    s = g.op("MEAN", [y, g.weight(value=[1, 2])], 1, 1, 1, 16)
    s = g.op("CONV_2D", [s, g.weight(16, 1, 1, 16), -1], 1, 1, 1, 16, **window(), **DILATION)
    s = g.op("LOGISTIC", [s], 1, 1, 1, 16)
    y = g.op("MUL", [y, s], 1, 9, 9, 16, FusedActivationFunction=0)
    y = g.op("ADD", [x, y], 1, 9, 9, 16, FusedActivationFunction=1)
    network = g.read(y)
    worked = [(n.op, n.shape, n.attributes.get("activation")) for n, _ in network.rows]
    assert worked == [
        ("conv", (16, 9, 9), "hswish"),
        ("conv", (16, 9, 9), "relu6"),
        ("avg_pool", (16, 1, 1), None),
        ("conv", (16, 1, 1), "sigmoid"),
        ("mul", (16, 9, 9), "none"),
        ("add", (16, 9, 9), "relu"),
    ]
    depthwise, row = network.rows[1]
    assert (depthwise.pad, depthwise.groups, int(row.in_y)) == ((1, 1), 16, 9)
    assert [n.bias for n, _ in network.rows if n.op == "conv"] == [True, True, False]
    assert network.macs == 81 * 16 * 8 + 81 * 16 * 9 + 16 * 16


def test_attention() -> None:
    g = Maker(1, 6, 8)
    qkv = g.op("FULLY_CONNECTED", [0, g.weight(24, 8), g.weight(24)], 1, 6, 24, KeepNumDims=True)
    parts = g.split([g.weight(value=2), qkv], (1, 6, 8), (1, 6, 8), (1, 6, 8))
    heads = []
    for part in parts:
        x = g.op("RESHAPE", [part, g.weight(value=[1, 6, 2, 4])], 1, 6, 2, 4)
        heads.append(g.op("TRANSPOSE", [x, g.weight(value=[0, 2, 1, 3])], 1, 2, 6, 4))
    q, k, v = heads
    scores = g.op("BATCH_MATMUL", [q, k], 1, 2, 6, 6, AdjX=False, AdjY=True)
    scores = g.op("MUL", [scores, g.weight(value=0.5)], 1, 2, 6, 6, FusedActivationFunction=0)
    weights = g.op("SOFTMAX", [scores], 1, 2, 6, 6)
    y = g.op("BATCH_MATMUL", [weights, v], 1, 2, 6, 4, AdjX=False, AdjY=False)
    y = g.op("TRANSPOSE", [y, g.weight(value=[0, 2, 1, 3])], 1, 6, 2, 4)
    y = g.op("RESHAPE", [y], 1, 6, 8)
    y = g.op("ADD", [y, 0], 1, 6, 8, FusedActivationFunction=0)
    network = g.read(y)
    expected = ["dense", *["transpose"] * 3, "matmul", "scale", "softmax", "matmul", "transpose"]
    assert ops(network) == [*expected, "add"]
    assert network.macs == 6 * 8 * 24 + 2 * (2 * 6 * 6 * 4)


def test_odd_padding_goes_after() -> None:
    g = Maker(1, 10, 10, 4)
    frame = {**window(2), **DILATION}
    x = g.op("CONV_2D", [0, g.weight(8, 3, 3, 4)], 1, 5, 5, 8, **frame)
    assert g.read(x).nodes[-1].pad == (0, 0, 1, 1)


def test_grouped_and_dilated() -> None:
    g = Maker(1, 10, 10, 4)
    frame = {**window(), "DilationHFactor": 2, "DilationWFactor": 2}
    x = g.op("CONV_2D", [0, g.weight(8, 3, 3, 2)], 1, 10, 10, 8, **frame)
    (conv,) = [n for n, _ in g.read(x).rows]
    assert (conv.groups, conv.dilation, conv.pad) == (2, 2, (2, 2))


def test_transposed_and_resized() -> None:
    g = Maker(1, 5, 5, 4)
    size = g.weight(value=[1, 10, 10, 6])
    x = g.op("TRANSPOSE_CONV", [size, g.weight(6, 2, 2, 4), 0], 1, 10, 10, 6, **window(2))
    x = g.op("RESIZE_BILINEAR", [x, g.weight(value=[20, 20])], 1, 20, 20, 6)
    x = g.op("RESIZE_BILINEAR", [x, g.weight(value=[20, 20])], 1, 20, 20, 6)  # nothing to do
    x = g.op("MAX_POOL_2D", [x], 1, 10, 10, 6, **window(2), FilterHeight=2, FilterWidth=2)
    network = g.read(x)
    assert ops(network) == ["conv_transpose", "move", "max_pool"]
    assert network.macs == math.prod((25, 4, 6, 4))


@pytest.mark.parametrize("axis", [3, -1])
def test_parts_of_channels_are_views(axis: int) -> None:
    g = Maker(1, 5, 5, 4)
    parts = g.split([g.weight(value=axis), 0], (1, 5, 5, 2), (1, 5, 5, 2))
    x = g.op("CONCATENATION", parts[::-1], 1, 5, 5, 4, Axis=axis)
    network = g.read(x)
    assert ops(network) == ["concat"]
    assert [(n.start, n.stop, n.axis) for n in network.nodes if n.op == "slice"] == [
        (0, 2, 0),
        (2, 4, 0),
    ]
    assert network.nodes[-1].axis == 0


def test_constants_fold_or_pass() -> None:
    g = Maker(1, 5, 5, 4)
    x = g.op("CONV_2D", [0, g.weight(8, 1, 1, 4)], 1, 5, 5, 8, **window(), **DILATION)
    x = g.op("MUL", [x, g.weight(8)], 1, 5, 5, 8)
    x = g.op("ADD", [x, g.weight(1, 1, 1, 8)], 1, 5, 5, 8, FusedActivationFunction=1)
    x = g.op("SUB", [x, g.weight(1, 5, 5, 1)], 1, 5, 5, 8)
    network = g.read(x)
    assert [(n.op, n.attributes.get("operator")) for n, _ in network.rows] == [
        ("conv", None),
        ("elementwise", "sub"),
    ]
    assert network.rows[0][0].activation == "relu"


BAD = {
    "unknown": (("HASHTABLE", [0], 1, 4), {}, r"'hashtable1': HASHTABLE is not supported"),
    "weight": (("CONV_2D", [0, 0], 1, 4, 4, 4), window(), r"weight \(input 1\) must be a constant"),
    "strides": (
        ("MAX_POOL_2D", [0], 1, 2, 2, 4),
        {**window(2), "StrideW": 1, "FilterHeight": 2, "FilterWidth": 2},
        r"StrideH and StrideW are \[2, 1\]",
    ),
    "options": (("AVERAGE_POOL_2D", [0], 1, 2, 2, 4), {}, "FilterHeight is missing"),
    "empty": (("RELU", [0], 1, 0, 4, 4), {}, r"is empty: shape \(1, 0, 4, 4\)"),
    "view": (("RESHAPE", [0], 1, 3), {}, r"cannot become \(1, 3\)"),
    "activation": (("ADD", [0, 0], 1, 4, 4, 4), {"FusedActivationFunction": 9}, "activation 9"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_operators_are_named(case: str) -> None:
    (op, inputs, *shape), options, message = BAD[case]
    g = Maker(1, 4, 4, 4)
    made = g.op(op, inputs, *shape, **options)
    with pytest.raises(CosearchError, match=message):
        g.read(made)


def test_unknown_operators_move_data_if_allowed() -> None:
    g = Maker(1, 4, 4, 4)
    network = g.read(g.op("SWIRL", [0], 1, 2, 2, 4), allow_unknown=True)
    ((moved, row),) = network.rows
    assert (moved.op, moved.operator, moved.shape, int(row.macs)) == ("move", "swirl", (4, 2, 2), 0)
