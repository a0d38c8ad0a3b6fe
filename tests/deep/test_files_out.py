"""ONNX files: equal to the module, repeatable, int8 without loss, and timed."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch

from cosearch.deep.accuracy import evaluate
from cosearch.deep.answers import agreement, onnx_accuracy
from cosearch.deep.export import check_parity, compare, to_onnx
from cosearch.deep.module import ConvNormAct, to_module
from cosearch.deep.runtime import session
from cosearch.deep.training import TrainSettings, fit
from cosearch.errors import CosearchError
from cosearch.networks.onnx_out.quantise import quantise


@pytest.fixture(scope="module")
def trained(tiny, middle, digits):
    module = to_module(tiny.network(middle))
    fit(module, digits.train, TrainSettings(12, 64, 0.1, shift=0, threads=1), seed=0)
    return module


@pytest.fixture(scope="module")
def fp32(trained, digits, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / "network.onnx"
    to_onnx(trained, digits.shape, path)
    return path


@pytest.fixture(scope="module")
def int8(fp32, digits):
    path = fp32.with_suffix(".int8.onnx")
    quantise(fp32, path, digits.train.pixels[:256].numpy())
    return path


def test_export_equals_the_module(trained, fp32, digits):
    images = digits.test.pixels.numpy()
    assert check_parity(trained, fp32, images) < 1e-4
    assert compare(trained, fp32, images[:1]) < 1e-4  # any batch size
    assert onnx_accuracy(fp32, digits.test) == evaluate(trained, digits.test)
    assert agreement(trained, fp32, digits.test) == 1


def test_parity_refuses_another_network(fp32, tiny, middle, digits):
    other = to_module(tiny.network(middle), seed=7)
    with pytest.raises(CosearchError, match=r"network\.onnx: logits differ .* allowed are 1e-04"):
        check_parity(other, fp32, digits.test.pixels.numpy())


def test_export_folds_batch_norm_and_leaves_the_module_alone(trained, fp32):
    model = onnx.load(fp32)
    assert "BatchNormalization" not in {node.op_type for node in model.graph.node}
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param
    assert not list(fp32.parent.glob("*.data"))
    first = next(part for part in trained.modules() if isinstance(part, ConvNormAct))
    assert isinstance(first.norm, torch.nn.BatchNorm2d)


def test_files_repeat_byte_for_byte_and_silently(trained, fp32, int8, digits, tmp_path, capfd):
    again = tmp_path / "again.onnx"
    to_onnx(trained, digits.shape, again)
    assert again.read_bytes() == fp32.read_bytes()
    quantise(fp32, tmp_path / "int8.onnx", digits.train.pixels[:256].numpy())
    assert (tmp_path / "int8.onnx").read_bytes() == int8.read_bytes()
    assert capfd.readouterr() == ("", "")
    assert b"site-packages" not in fp32.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.onnx", "int8.onnx"]


def test_int8_keeps_the_accuracy(trained, fp32, int8, digits):
    loss = onnx_accuracy(fp32, digits.test) - onnx_accuracy(int8, digits.test)
    assert loss <= 0.02
    assert agreement(trained, int8, digits.test) >= 0.95


def test_int8_weights_are_seven_bit_and_per_channel(int8):
    model = onnx.load(int8)
    weights = [
        onnx.numpy_helper.to_array(tensor)
        for tensor in model.graph.initializer
        if tensor.data_type == onnx.TensorProto.INT8 and len(tensor.dims) == 4
    ]
    assert weights
    assert all(np.abs(weight.astype(int)).max() <= 64 for weight in weights)
    kinds = {node.op_type for node in model.graph.node}
    assert {"QuantizeLinear", "DequantizeLinear"} <= kinds


def test_unloadable_file_is_named(tmp_path):
    path = tmp_path / "bad.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(CosearchError, match=r"cannot load .*bad\.onnx"):
        session(path)
