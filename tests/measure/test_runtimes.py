"""The runtimes themselves: they run what they should, with the settings they were given."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from cosearch.deep.runtime import run as run_onnx
from cosearch.errors import CosearchError
from cosearch.measure import RUNTIMES, Settings, measure
from cosearch.measure.onnx_files import onnx_file
from cosearch.networks import Builder
from cosearch.networks.onnx_out import write_onnx
from cosearch.networks.onnx_out.quantise import quantise
from cosearch.networks.tflite_out import tflite_bytes

ONCE = Settings(warm_up=0, rounds=1, max_rounds=1, repeats=1, round_s=0.0)
INT8 = Settings("int8", warm_up=0, rounds=1, max_rounds=1, repeats=1, round_s=0.0)


@pytest.fixture
def fp32_file(tiny, tmp_path) -> Path:
    path = tmp_path / "tiny.onnx"
    write_onnx(tiny, path, batch=None)
    return path


@pytest.mark.parametrize("on", ["onnxruntime", "openvino", "litert", "torch"])
@pytest.mark.parametrize("settings", [ONCE, INT8], ids=lambda s: s.precision)
def test_networks_run(on, settings, tiny) -> None:
    if settings.precision not in RUNTIMES[on].precisions:
        pytest.skip("this runtime has fp32 only")
    found = measure(tiny, on, settings, accept_noise=True)
    assert found.runtime == on
    assert found.median_s > 0
    assert found.versions
    assert found.settings == settings


@pytest.mark.slow
def test_compiled_torch_runs(tiny) -> None:
    assert measure(tiny, "torch-compiled", ONCE, accept_noise=True).median_s > 0


@pytest.mark.parametrize("on", ["onnxruntime", "openvino"])
def test_files_run_in_both_precisions(on, fp32_file) -> None:
    for settings in (ONCE, INT8):
        assert measure(fp32_file, on, settings, accept_noise=True).model == "tiny.onnx"


def test_int8_is_int8(fp32_file) -> None:
    with onnx_file(fp32_file, INT8) as path:
        nodes = onnx.load(path).graph.node
        quantised = path.read_bytes()
    assert {"QuantizeLinear", "DequantizeLinear"} <= {node.op_type for node in nodes}
    as_given = fp32_file.with_name("int8.onnx")
    as_given.write_bytes(quantised)
    with onnx_file(as_given, INT8) as path:
        assert path == as_given  # not quantised twice
    with pytest.raises(CosearchError, match=r"int8\.onnx is quantised: measure it with .* int8"):
        measure(as_given, "onnxruntime", ONCE)


def test_a_network_is_quantised_once(tiny, monkeypatch) -> None:
    made = []

    def counted(path, out, images) -> None:
        made.append(out)
        quantise(path, out, images)

    monkeypatch.setattr("cosearch.networks.onnx_out.quantise.quantise", counted)
    batch = replace(INT8, batch=3)  # no other test's
    for _ in range(2):
        measure(tiny, "onnxruntime", batch, accept_noise=True)
    assert len(made) == 1


@pytest.mark.parametrize(("precision", "other"), [("fp32", "int8"), ("int8", "fp32")])
def test_a_tflite_file_is_what_it_is(precision, other, tiny, tmp_path) -> None:
    path = tmp_path / "tiny.tflite"
    path.write_bytes(tflite_bytes(tiny, precision=precision))
    settings = {"fp32": ONCE, "int8": INT8}
    assert measure(path, "litert", settings[precision], accept_noise=True).median_s > 0
    with pytest.raises(CosearchError, match=rf"tiny\.tflite is {precision}"):
        measure(path, "litert", settings[other])


def test_settings_reach_onnx_runtime(tiny, fp32_file) -> None:
    from cosearch.measure.runtimes import onnx_runtime

    session = onnx_runtime.prepare(fp32_file, Settings(batch=3, threads=2))
    assert session.session.get_session_options().intra_op_num_threads == 2
    assert session.feed["images"].shape == (3, 3, 16, 16)
    np.testing.assert_array_equal(session.run()[0], run_onnx(fp32_file, session.feed["images"]))


def test_settings_reach_openvino(fp32_file, monkeypatch) -> None:
    """It must be told fp32: some CPUs would silently run bf16."""
    from cosearch.measure.runtimes import open_vino

    session = open_vino.prepare(fp32_file, Settings(batch=2, threads=2))
    compiled = session.request.get_compiled_model()
    assert compiled.get_property("INFERENCE_NUM_THREADS") == 2
    assert tuple(session.request.get_input_tensor().shape) == (2, 3, 16, 16)
    images = session.request.get_input_tensor().data
    session.run()
    made = session.request.get_output_tensor().data
    np.testing.assert_allclose(made, run_onnx(fp32_file, images), rtol=1e-3, atol=1e-4)

    seen = []
    core = open_vino._core()

    class Spy:
        def read_model(self, path: str) -> object:
            return core.read_model(path)

        def compile_model(self, model: object, device: str, options: dict[str, object]) -> object:
            seen.append(options)
            return core.compile_model(model, device, options)

    monkeypatch.setattr(open_vino, "_core", Spy)
    open_vino.prepare(fp32_file, ONCE)
    assert seen[0]["INFERENCE_PRECISION_HINT"] == "f32"


def test_settings_reach_litert_and_torch(tiny) -> None:
    import torch

    from cosearch.measure.runtimes import lite_rt, torch_eager

    details = lite_rt.prepare(tiny, Settings(batch=2)).interpreter.get_input_details()
    assert details[0]["shape"].tolist() == [2, 16, 16, 3]
    session = torch_eager.prepare(tiny, Settings(batch=2, threads=2))
    seen = []
    session.module.register_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
    before = torch.get_num_threads()
    session.run()
    assert seen == [2]
    assert torch.get_num_threads() == before
    assert session.images.shape == (2, 3, 16, 16)
    assert not session.module.training


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("on", "library", "extra"),
    [
        ("onnxruntime", "onnxruntime", "onnxruntime"),
        ("openvino", "openvino", "openvino"),
        ("litert", "ai_edge_litert", "litert"),
        ("torch", "torch", "deep"),
    ],
)
def test_a_missing_runtime_names_its_extra(on, library, extra, tiny, monkeypatch) -> None:
    for name in [n for n in sys.modules if n.split(".")[0] == library]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, library, None)
    ours = ("cosearch.measure.runtimes.", "cosearch.deep")
    for name in [n for n in sys.modules if n.startswith(ours)]:
        monkeypatch.delitem(sys.modules, name)
    message = rf"runtime {on} needs {library}.*: pip install 'cosearch\[{extra}\]'"
    with pytest.raises(CosearchError, match=message):
        measure(tiny, on, ONCE)


@pytest.mark.parametrize("on", ["onnxruntime", "openvino"])
def test_an_operator_the_runtime_lacks_is_named(on, tmp_path) -> None:
    path = tmp_path / "strange.onnx"
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in "xy")
    node = helper.make_node("Frobnicate", ["x"], ["y"], domain="acme")
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("acme", 1)]
    graph = helper.make_graph([node], "g", [x], [y])
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)
    with pytest.raises(CosearchError, match=r"cannot load .*strange\.onnx: .*Frobnicate"):
        measure(path, on, ONCE)


def test_an_operator_that_tflite_lacks_is_named() -> None:
    net = Builder("tokens", (3, 4, 4))
    tokens = net.reshape("input", (16, 3), "tokens")
    net.layer_norm(tokens, "norm")
    with pytest.raises(CosearchError, match=r"node 'norm' .* layer_norm is none of"):
        measure(net.build(), "litert", ONCE)


@pytest.mark.parametrize(
    ("on", "name", "message"),
    [
        ("onnxruntime", "a.tflite", r"a\.tflite: runtime onnxruntime takes \.onnx"),
        ("litert", "a.onnx", r"a\.onnx: runtime litert takes \.tflite"),
        ("torch", "a.onnx", r"a\.onnx: runtime torch takes no files"),
        ("openvino", "gone.onnx", r"gone\.onnx: no such file"),
        ("onnxruntime", "junk.onnx", r"junk\.onnx: is no ONNX file"),
        ("openvino", "junk.onnx", r"junk\.onnx: is no ONNX file"),
        ("litert", "junk.tflite", r"LiteRT cannot load junk\.tflite"),
        ("tensorrt", "a.onnx", r"unknown runtime 'tensorrt': allowed are litert"),
    ],
)
def test_files_that_do_not_fit(on, name, message, tmp_path) -> None:
    path = tmp_path / name
    if not name.startswith("gone"):
        path.write_bytes(b"\x93 this is no model")
    with pytest.raises(CosearchError, match=message):
        measure(path, on, ONCE)


def test_what_a_runtime_does_not_offer(tiny) -> None:
    with pytest.raises(CosearchError, match="precision int8: runtime torch has fp32 only"):
        measure(tiny, "torch", INT8)
    with pytest.raises(CosearchError, match="device cuda: runtime openvino has cpu only"):
        measure(tiny, "openvino", Settings(device="cuda"))


def test_cuda_is_waited_for_and_refused_where_there_is_none(tiny, monkeypatch) -> None:
    import torch

    from cosearch.measure.runtimes.torch_eager import TorchSession

    order = []
    images = SimpleNamespace(is_cuda=True, device="cuda:0")
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: order.append(device))
    TorchSession(lambda _: order.append("module"), images, threads=1).run()
    assert order == ["module", "cuda:0"]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(CosearchError, match="torch sees no CUDA device"):
        measure(tiny, "torch", Settings(device="cuda"))


@pytest.mark.parametrize("on", ["onnxruntime", "openvino"])
def test_a_fixed_batch_is_kept(on, tiny, tmp_path) -> None:
    path = tmp_path / "one.onnx"
    write_onnx(tiny, path, batch=1)
    with pytest.raises(CosearchError, match="has a fixed batch of 1, asked is 4"):
        measure(path, on, Settings(batch=4))
