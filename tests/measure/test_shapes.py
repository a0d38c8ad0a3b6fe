"""Inputs of another shape: of networks, and of files that leave sizes open."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from cosearch.cli import app
from cosearch.cli.measure import _shape
from cosearch.errors import CosearchError
from cosearch.measure import Measurement, Settings, measure
from cosearch.measure.feed import closed
from cosearch.measure.named import find_model
from cosearch.networks import Builder, Network
from cosearch.networks.tflite_out import tflite_bytes

ONCE = Settings(warm_up=0, rounds=1, max_rounds=1, repeats=1, round_s=0.0)
ON_ONNX = pytest.mark.parametrize("on", ["onnxruntime", "openvino"])


def onnx_file(path: Path, shape: list[str | int], *, classes: int = 0) -> Path:
    """A convolution; with `classes`, then everything to so many, by weights for 4x4 pixels."""
    filters = numpy_helper.from_array(np.ones((2, 3, 3, 3), np.float32), "filters")
    nodes = [helper.make_node("Conv", ["x", "filters"], ["y"], pads=[1, 1, 1, 1])]
    constants = [filters]
    if classes:
        constants.append(numpy_helper.from_array(np.ones((32, classes), np.float32), "matrix"))
        nodes += [
            helper.make_node("Flatten", ["y"], ["flat"]),
            helper.make_node("MatMul", ["flat", "matrix"], ["z"]),
        ]
    ends = helper.make_tensor_value_info("z" if classes else "y", TensorProto.FLOAT, None)
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [ends],
        constants,
    )
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
    return path


@pytest.fixture
def open_file(tmp_path: Path) -> Path:
    return onnx_file(tmp_path / "open.onnx", ["n", 3, "h", "w"])


def open_tflite(path: Path) -> Path:
    """Convolutions, the input open but for the channels."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    net = Builder("convolutions", (3, 16, 16))
    net.conv(net.conv("input", 8, "a", kernel=3, stride=2), 4, "b", kernel=3)
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(tflite_bytes(net.build()), 0))
    graph = model.subgraphs[0]
    graph.tensors[graph.inputs[0]].shapeSignature = np.array([-1, -1, -1, 3], np.int32)
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


# ---- what the input becomes


@pytest.mark.parametrize(
    ("shape", "batch", "asked", "found"),
    [
        ([None, 3, "h", 0], 2, (3, 8, 9), (2, 3, 8, 9)),
        ([2, 3, 8, None], 2, (3, 8, 9), (2, 3, 8, 9)),
        (["n", 3, 8, 9], 4, (), (4, 3, 8, 9)),
        ([1, 3, 8, 9], 1, (3, 8, 9), (1, 3, 8, 9)),
        (["n", "tokens"], 1, (128,), (1, 128)),
        ([], 1, (), ()),
    ],
)
def test_open_sizes_are_set(shape, batch, asked, found) -> None:
    assert closed("x", shape, Settings(batch=batch, shape=asked)) == found


@pytest.mark.parametrize(
    ("shape", "settings", "message"),
    [
        ([None, 3, "h", "w"], Settings(), "only the first size may be open, unless --shape"),
        ([1, 3, 8, 8], Settings(batch=2), "a fixed batch of 1, asked is 2"),
        ([1, 3, 8, 8], Settings(shape=(3, 9, 9)), "batch first: 3,9,9 does not fit"),
        ([None, 3, "h", "w"], Settings(shape=(4, 9, 9)), "batch first: 4,9,9 does not fit"),
        ([None, 3, "h", "w"], Settings(shape=(9, 9)), "batch first: 9,9 does not fit"),
        ([], Settings(shape=(9,)), "batch first: 9 does not fit"),
    ],
)
def test_what_the_file_says_stays(shape, settings, message) -> None:
    with pytest.raises(CosearchError, match=f"input 'x' has .*{message}"):
        closed("x", shape, settings)


# ---- files


@ON_ONNX
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_an_open_file_is_run_at_the_size_asked_for(on, precision, open_file) -> None:
    from importlib import import_module

    settings = replace(ONCE, precision=precision, batch=2, shape=(3, 8, 10))
    found = measure(open_file, on, settings, accept_noise=True)
    assert found.settings.shape == (3, 8, 10)
    names = {"onnxruntime": "onnx_runtime", "openvino": "open_vino"}
    session = import_module(f"cosearch.measure.runtimes.{names[on]}").prepare(open_file, settings)
    output = (
        session.run()[0]
        if on == "onnxruntime"
        else (session.run(), session.request.get_output_tensor().data)[1]
    )
    assert output.shape == (2, 2, 8, 10)


@ON_ONNX
def test_open_sizes_are_named(on, open_file) -> None:
    with pytest.raises(CosearchError, match=r"input 'x' has shape .* only the first size may be"):
        measure(open_file, on, ONCE)


@ON_ONNX
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_size_that_the_rest_refuses_is_one_line(on, precision, tmp_path) -> None:
    """Open as it says it is, its matrix has weights for 4x4 pixels."""
    path = onnx_file(tmp_path / "half.onnx", ["n", 3, "h", "w"], classes=5)
    settings = replace(ONCE, precision=precision, shape=(3, 4, 4))
    assert measure(path, on, settings, accept_noise=True).median_s > 0
    with pytest.raises(CosearchError, match=r"half\.onnx|OpenVINO cannot load") as refused:
        measure(path, on, replace(settings, shape=(3, 5, 5)))
    assert "\n" not in str(refused.value).strip()


@ON_ONNX
def test_a_fixed_file_stays(on, tmp_path) -> None:
    path = onnx_file(tmp_path / "fixed.onnx", [1, 3, 8, 8])
    with pytest.raises(CosearchError, match=r"batch first: 3,16,16 does not fit"):
        measure(path, on, replace(ONCE, shape=(3, 16, 16)))


def test_tflite_orders_its_sizes_itself(tmp_path) -> None:
    from cosearch.measure.runtimes import lite_rt

    path = open_tflite(tmp_path / "open.tflite")
    settings = replace(ONCE, batch=2, shape=(20, 32, 3))
    session = lite_rt.prepare(path, settings)
    session.run()
    (output,) = session.interpreter.get_output_details()
    assert session.interpreter.get_tensor(output["index"]).shape == (2, 10, 16, 4)
    with pytest.raises(CosearchError, match="only the first size may be open"):
        measure(path, "litert", ONCE)
    with pytest.raises(CosearchError, match="3,16,16 does not fit"):
        measure(path, "litert", replace(ONCE, shape=(3, 16, 16)))


def test_a_device_elsewhere_is_told(open_file, tmp_path) -> None:
    there = tmp_path / "board"
    there.mkdir()
    script = ("{harness}", "{model}", "{reference}", "{settings}", "{result}")
    device = {
        "name": "board",
        "push": ["cp", "{file}", f"{there}/{{name}}"],
        "run": [sys.executable, *(f"{there}/{place}" for place in script)],
        "pull": ["cp", f"{there}/{{name}}", "{file}"],
    }
    board = tmp_path / "board.json"
    board.write_text(json.dumps(device))
    settings = replace(ONCE, batch=2, shape=(3, 8, 10))
    assert measure(open_file, str(board), settings, accept_noise=True).median_s > 0
    with pytest.raises(CosearchError, match=r"input 'x' has shape .* does not fit"):
        measure(open_file, str(board), replace(ONCE, shape=(4, 8, 10)))
    board.write_text(json.dumps({**device, "format": "tflite"}))
    path = open_tflite(tmp_path / "open.tflite")
    settings = replace(settings, shape=(20, 32, 3))
    assert measure(path, str(board), settings, accept_noise=True).median_s > 0


# ---- networks, records, the command line


def test_a_named_network_is_resized(capsys: pytest.CaptureFixture[str]) -> None:
    quick = ["--rounds", "1", "--repeats", "2", "--round-time", "1us", "--accept-noise", "--json"]
    named = ["measure", "mobilenet-v1-0.25@64", "--shape", "1,32,48", "--on", "onnxruntime"]
    app([*named, *quick], standalone_mode=False)
    record = json.loads(capsys.readouterr().out)
    assert record["model"] == "mobilenet-v1-0.25@1x32x48"
    assert "shape" not in record["settings"]
    network = find_model("mnasnet:mnasnet-a1", (3, 64, 96))
    assert isinstance(network, Network)
    assert network.input_shape == (3, 64, 96)
    assert network.name == "mnasnet:mnasnet-a1@3x64x96"
    assert find_model("mobilenet-v1-0.25", (3, 224, 224)) == find_model("mobilenet-v1-0.25")


def test_a_network_takes_no_other_shape_by_settings(tiny) -> None:
    with pytest.raises(CosearchError, match=r"shape \(3, 9, 9\): tiny takes \(3, 16, 16\)"):
        measure(tiny, "onnxruntime", replace(ONCE, shape=(3, 9, 9)))


def test_records_without_a_shape_are_as_before(open_file) -> None:
    """Their hashes, and keys made of settings, must stay what they were."""
    assert "shape" not in Settings().to_dict()
    assert Settings.from_dict(Settings().to_dict()) == Settings()
    settings = replace(ONCE, shape=(3, 8, 10))
    assert Settings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings
    found = measure(open_file, "onnxruntime", settings, accept_noise=True)
    assert Measurement.from_dict(json.loads(json.dumps(found.to_dict()))) == found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("squeezenet-1.1", "--shape", "3,230,231"), r"\(max_pool\) would make"),
        (("mobilenet-v1-0.25", "--shape", "224,224"), "has shape 3x224x224: as many sizes"),
        (("mobilenet-v1-0.25", "--shape", "3,a,4"), "shape '3,a,4': needs the form 3,192,256"),
        (("mobilenet-v1-0.25", "--shape", "3,0,4"), "shape 0: at least 1 is needed"),
    ],
)
def test_bad_shapes(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        app(["measure", *arguments, "--on", "onnxruntime"], standalone_mode=False)


def test_both_ways_to_write_a_shape() -> None:
    assert _shape("3,192,256") == _shape("3x192x256") == (3, 192, 256)
    assert _shape("") == ()
