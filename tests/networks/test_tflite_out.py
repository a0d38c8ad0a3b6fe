"""TFLite out: the same answers as the ONNX file of the same weights, in both precisions."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("ai_edge_litert")

from ai_edge_litert.interpreter import Interpreter

from cosearch.deep.runtime import run as run_onnx
from cosearch.errors import CosearchError
from cosearch.families import FAMILIES
from cosearch.networks import Builder, Network
from cosearch.networks.onnx_out import draw, write_onnx
from cosearch.networks.tflite_in import read_tflite
from cosearch.networks.tflite_out import tflite_bytes
from cosearch.zoo import find_network

SIZE = (6, 11, 14)


def answers(data: bytes, images: np.ndarray) -> np.ndarray:
    """Floats of the file's output, channels first as ours."""
    interpreter = Interpreter(model_content=data)
    interpreter.allocate_tensors()
    source, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    values = images.transpose(0, 2, 3, 1)
    if source["dtype"] is np.int8:
        scale, zero = source["quantization"]
        values = np.clip(np.rint(values / scale) + zero, -128, 127).astype(np.int8)
    interpreter.set_tensor(source["index"], np.ascontiguousarray(values))
    interpreter.invoke()
    found = interpreter.get_tensor(result["index"])
    if result["dtype"] is np.int8:
        scale, zero = result["quantization"]
        found = (found.astype(np.float32) - zero) * scale
    return found.transpose(0, 3, 1, 2) if found.ndim == 4 and images.ndim == 4 else found


def agree(network: Network, tmp_path, batch: int = 1, closeness: float = 0.995) -> None:
    path = tmp_path / "network.onnx"
    write_onnx(network, path, batch=batch)
    shape = (batch, *network.input_shape)
    images = np.random.default_rng(1).random(shape, dtype=np.float32)
    wanted = run_onnx(path, images)
    floats = answers(tflite_bytes(network, batch=batch), images)
    assert floats.shape == wanted.shape
    np.testing.assert_allclose(floats, wanted, rtol=1e-3, atol=1e-5 * np.abs(wanted).max())
    ints = answers(tflite_bytes(network, batch=batch, precision="int8"), images)
    assert np.corrcoef(ints.ravel(), wanted.ravel())[0, 1] > closeness
    assert np.abs(ints - wanted).mean() < 0.015 * np.abs(wanted).max()  # some values saturate


def alone(build) -> Network:
    net = Builder("alone", SIZE)
    build(net)
    return net.build()


CASES = {
    "conv": lambda n: n.conv("input", 8, "x", kernel=3),
    "conv, stride 2": lambda n: n.conv("input", 8, "x", kernel=3, stride=2),
    "conv, stride 2, even": lambda n: n.conv(
        n.pool("max", "input", "p", kernel=2, stride=2, pad=0), 8, "x", kernel=5, stride=2
    ),
    "conv, uneven padding": lambda n: n.conv("input", 8, "x", kernel=3, stride=2, pad=(0, 1, 1, 0)),
    "conv, no padding": lambda n: n.conv("input", 8, "x", kernel=3, pad=(0, 0)),
    "conv, oblong": lambda n: n.conv("input", 8, "x", kernel=(1, 7)),
    "conv, dilated": lambda n: n.conv("input", 8, "x", kernel=3, dilation=2),
    "grouped": lambda n: n.conv("input", 9, "x", kernel=3, groups=3),
    "depthwise": lambda n: n.conv("input", 6, "x", kernel=3, groups=6, stride=2),
    "depthwise, multiplied": lambda n: n.conv("input", 12, "x", kernel=3, groups=6),
    "conv without bias": lambda n: n.conv("input", 8, "x", norm=False, bias=False),
    **{
        f"conv, {kind}": lambda n, kind=kind: n.conv("input", 8, "x", activation=kind)
        for kind in ("relu", "relu6", "hswish", "hsigmoid", "swish", "sigmoid", "gelu")
    },
    **{
        kind: lambda n, kind=kind: n.activation("input", kind, "x")
        for kind in ("relu", "relu6", "hswish", "hsigmoid", "swish", "sigmoid", "gelu")
    },
    "max pool": lambda n: n.pool("max", "input", "x", kernel=3, stride=2),
    "max pool of negatives": lambda n: n.pool(
        "max", n.scale("input", -1.0, "s"), "x", kernel=3, stride=2
    ),
    "avg pool": lambda n: n.pool("avg", "input", "x", kernel=3),
    "avg pool, stride 2": lambda n: n.pool("avg", "input", "x", kernel=2, stride=2, pad=0),
    "global pool": lambda n: n.global_pool("input", "x"),
    "add": lambda n: n.add("input", n.conv("input", 6, "c"), name="x", activation="relu"),
    "add of three": lambda n: n.add(
        "input", n.conv("input", 6, "c"), n.scale("input", 2, "s"), name="x"
    ),
    "gate": lambda n: n.mul(
        "input", n.activation(n.global_pool("input", "p"), "sigmoid", "g"), "x"
    ),
    "batch norm": lambda n: n.batch_norm("input", "x", "swish"),
    "concat": lambda n: n.concat(("input", n.conv("input", 4, "c"), n.scale("input", 5, "s")), "x"),
    "slice": lambda n: n.conv(n.slice("input", 2, 5, "s"), 4, "x"),
    "shuffle": lambda n: n.reshape(
        n.transpose(n.reshape("input", (2, 3, 11, 14), "r"), (1, 0, 2, 3), "t"), SIZE, "x"
    ),
    "transpose of images": lambda n: n.transpose("input", (0, 2, 1), "x"),
    "linear": lambda n: n.linear("input", 10, "x", activation="relu"),
    "linear, hswish": lambda n: n.linear("input", 10, "x", activation="hswish"),
    "dense on tokens": lambda n: n.dense(
        n.transpose(n.reshape("input", (6, 154), "r"), (1, 0), "t"), 8, "x"
    ),
    "softmax": lambda n: n.softmax(n.linear("input", 10, "l"), "x"),
}


@pytest.mark.parametrize("name", CASES)
def test_operators(name: str, tmp_path) -> None:
    agree(alone(CASES[name]), tmp_path)


@pytest.mark.parametrize("name", ["mobilenet-v3-small@64", "nasbench201-best"])
def test_networks(name: str, tmp_path) -> None:
    agree(find_network(name), tmp_path, batch=2, closeness=0.98)


def test_it_is_read_back_as_what_it_was(tmp_path) -> None:
    """Our own reader counts the same work in the file."""
    network = find_network("mobilenet-v2-0.35@64")
    for precision in ("fp32", "int8"):
        path = tmp_path / f"{precision}.tflite"
        path.write_bytes(tflite_bytes(network, precision=precision))
        assert read_tflite(path).macs == network.macs


def test_the_same_arguments_give_the_same_bytes() -> None:
    network = alone(CASES["depthwise"])
    assert tflite_bytes(network, precision="int8") == tflite_bytes(network, precision="int8")
    assert tflite_bytes(network, seed=1) != tflite_bytes(network)
    assert tflite_bytes(network, weights=draw(network, 1)) == tflite_bytes(network, seed=1)


def test_weights_are_eight_bit_per_channel() -> None:
    data = tflite_bytes(alone(CASES["conv"]), precision="int8")
    interpreter = Interpreter(model_content=data)
    details = {each["name"]: each for each in interpreter.get_tensor_details()}
    weight = details["x.weight"]
    assert weight["dtype"] is np.int8
    assert len(weight["quantization_parameters"]["scales"]) == 8
    assert not weight["quantization_parameters"]["zero_points"].any()
    assert details["x.bias"]["dtype"] is np.int32
    assert (
        np.abs(interpreter.get_tensor(weight["index"]).astype(int)).max(axis=(1, 2, 3)).min() == 127
    )


def test_refusals() -> None:
    tokens = alone(lambda n: n.layer_norm("input", "norm"))
    with pytest.raises(CosearchError, match="node 'norm' cannot be written as TFLite: layer_norm"):
        tflite_bytes(tokens)
    network = alone(CASES["conv"])
    with pytest.raises(CosearchError, match="batch 0"):
        tflite_bytes(network, batch=0)
    with pytest.raises(CosearchError, match="unknown precision 'int4'"):
        tflite_bytes(network, precision="int4")
    uneven = alone(lambda n: n.pool("avg", "input", "x", kernel=3, stride=2))
    if uneven.nodes[-1].shape[1:] != (6, 7):
        pytest.fail("the case is another")
    with pytest.raises(CosearchError, match=r"node 'x' \(avg_pool\) as TFLite: an average cannot"):
        tflite_bytes(uneven)


def test_families_that_networks_for_phones_come_from(tmp_path) -> None:
    for name in ("fbnet-cifar", "nasbench201"):
        family = FAMILIES[name].make()
        genome = family.space.sample(np.random.default_rng(0), 1)[0]
        agree(family.network(genome), tmp_path, closeness=0.97)
