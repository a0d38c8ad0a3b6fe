"""`cosearch profile`: files, published networks, and what is neither."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper
from typer.testing import CliRunner

from cosearch.cli import app
from cosearch.errors import CosearchError

ON = ("--on", "nahas-baseline")


def profiled(*arguments: object) -> dict:
    words = [str(word) for word in ("profile", *arguments, *ON, "--json")]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    return json.loads(done.stdout)


def swirl(folder: Path) -> Path:
    """An open height, then an operator nobody knows."""
    nodes = [
        helper.make_node("Swirl", ["x"], ["s"], domain="my.ops"),
        helper.make_node("AveragePool", ["s"], ["y"], kernel_shape=[2, 2]),
    ]
    ends = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3, "h", 8])] for name in "xy"
    ]
    imports = [helper.make_opsetid("", 18), helper.make_opsetid("my.ops", 1)]
    file = folder / "swirl.onnx"
    onnx.save(helper.make_model(helper.make_graph(nodes, "g", *ends), opset_imports=imports), file)
    return file


def test_a_published_network_by_name() -> None:
    found = profiled("mobilenet-v2-1.0")
    assert found["total"]["macs"] == 300_774_272
    assert found["model"] == "mobilenet-v2-1.0"


def test_a_file_wins_over_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    swirl(tmp_path).rename("vit-ti")
    with pytest.raises(CosearchError, match=r"vit-ti: input 'x': dimension 2 \(h\)"):
        profiled("vit-ti")


def test_open_shapes_and_unknown_operators(tmp_path: Path) -> None:
    file = swirl(tmp_path)
    with pytest.raises(CosearchError, match="--shape x=1x3xNx8"):
        profiled(file, "--allow-unknown")
    with pytest.raises(CosearchError, match=r"my\.ops\.Swirl is not supported"):
        profiled(file, "--shape", "x=1x3x8x8")
    found = profiled(file, "--allow-unknown", "--shape", "x=1x3x8x8")
    assert [row["op"] for row in found["layers"]] == ["move", "avg_pool"]


@pytest.mark.parametrize("text", ["x", "x=", "x=1x", "=1x2", "x=1x-2", "x=axb"])
def test_shapes_have_a_form(tmp_path: Path, text: str) -> None:
    with pytest.raises(CosearchError, match=r"--shape .*: needs the form NAME=1x3x224x224"):
        profiled(swirl(tmp_path), "--shape", text)


def test_names_that_are_nothing() -> None:
    with pytest.raises(CosearchError, match=r"no file mobilenet-v2-1\.1, .*mobilenet-v2-1\.0"):
        profiled("mobilenet-v2-1.1")
    with pytest.raises(CosearchError, match="--shape is for ONNX files"):
        profiled("mobilenet-v2-1.0", "--shape", "x=1x3x8x8")


def test_a_tflite_file(reference_data: Path) -> None:
    file = reference_data / "tflite" / "mobilenet_v2_1.0_224_quant.tflite"
    if not file.is_file():
        pytest.skip(f"no {file.name}; name a folder that holds tflite/ with COSEARCH_DATA")
    assert profiled(file)["total"]["macs"] == 300_775_552
