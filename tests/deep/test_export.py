"""Every operator survives the way to ONNX and back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.testing import assert_array_equal
from tests.deep.op_cases import CASES, WHOLE, batch, case, drawn

from cosearch.deep.export import check_parity, to_onnx
from cosearch.deep.module import GraphModule
from cosearch.deep.runtime import run
from cosearch.networks import Network
from cosearch.networks.onnx_in import read_onnx
from cosearch.networks.onnx_out.quantise import quantise

Exported = tuple[Network, GraphModule, Path]
# what any runtime knows; views and constants aside
STANDARD = {
    "attention": "Conv Transpose Concat Add LayerNormalization MatMul Slice Mul Softmax Erf Div "
    "ReduceMean Gemm",
    "images": "Conv ConvTranspose HardSwish Sigmoid Relu Mul GlobalAveragePool AveragePool MaxPool "
    "BatchNormalization Concat Slice Transpose Gemm",
}
VIEWS = {"Shape", "Reshape", "Expand"}


@pytest.fixture(scope="module", params=WHOLE)
def exported(request, tmp_path_factory) -> Exported:
    network = WHOLE[request.param]()
    module = drawn(network)
    path = tmp_path_factory.mktemp("onnx") / f"{network.name}.onnx"
    to_onnx(module, network.input_shape, path)
    return network, module, path


@pytest.mark.parametrize("size", [1, 3])
def test_files_say_the_same_for_any_batch(exported, size):
    network, module, path = exported
    check_parity(module, path, batch(network, size).numpy())


def test_files_are_read_back_with_the_same_cost_rows(exported):
    network, _, path = exported
    back = read_onnx(path)
    assert [node.op for node, _ in back.rows] == [node.op for node, _ in network.rows]
    assert_array_equal(back.layers.table(np.int64), network.layers.table(np.int64))
    for (ours, _), (theirs, _) in zip(network.rows, back.rows, strict=True):
        for key in ("pad", "kernel", "stride", "groups", "activation"):
            if key in ours.attributes and "norm" not in ours.name:
                assert theirs.attributes[key] == ours.attributes[key], (ours.name, key)


def test_files_hold_plain_operators(exported):
    network, _, path = exported
    graph = onnx.load(path).graph
    assert {node.op_type for node in graph.node} - VIEWS == set(STANDARD[network.name].split())
    assert {node.domain for node in graph.node} == {""}
    norms = [node for node in graph.node if node.op_type == "BatchNormalization"]
    assert len(norms) == sum(node.op == "batch_norm" for node in network.nodes)


@pytest.mark.parametrize("name", CASES)
def test_each_operator_says_the_same_alone(name, tmp_path):
    network, path = case(name), tmp_path / "op.onnx"
    module = drawn(network)
    to_onnx(module, network.input_shape, path)
    check_parity(module, path, batch(network).numpy())
    kinds = Counter(node.op_type for node in onnx.load(path).graph.node)
    assert kinds["BatchNormalization"] == (network.nodes[-1].op == "batch_norm")


def test_int8_answers_about_the_same(exported):
    network, _, path = exported
    images = batch(network, 64).numpy()
    int8 = path.with_suffix(".int8.onnx")
    quantise(path, int8, images)
    kinds = Counter(node.op_type for node in onnx.load(int8).graph.node)
    assert kinds["DequantizeLinear"] > 0
    exact, rounded = run(path, images), run(int8, images)
    assert np.abs(rounded - exact).mean() < 0.05 * exact.std()
