"""Files written without torch: read back alike, runnable, repeatable, quick."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.testing import assert_array_equal
from tests.deep.op_cases import CASES, WHOLE, case

from cosearch.errors import CosearchError
from cosearch.families import FAMILIES
from cosearch.networks import Builder, Network, fuse
from cosearch.networks.onnx_in import read_onnx
from cosearch.networks.onnx_out import draw, onnx_bytes, write_onnx
from cosearch.networks.ops import ACTIVATIONS, OPS
from cosearch.zoo import ZOO

QUICK = (
    "efficientnet-lite0",
    "fbnet-a",
    "googlenet",
    "mobilenet-v1-0.25",
    "mobilenet-v3-small",
    "nasbench201-resnet",
    "shufflenet-v2-0.5",
    "squeezenet-1.1",
    "vit-ti",
)


def check_round_trip(network: Network, folder: Path) -> None:
    path = folder / "network.onnx"
    write_onnx(network, path)
    back, ours = read_onnx(path), fuse(network)
    assert [node.op for node, _ in back.rows] == [node.op for node, _ in ours.rows]
    assert_array_equal(back.layers.table(np.int64), ours.layers.table(np.int64))


def run(data: bytes, *inputs: np.ndarray) -> list[np.ndarray]:
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    return session.run(None, dict(zip(names, inputs, strict=True)))


def image(network: Network, batch: int = 1) -> np.ndarray:
    return np.random.default_rng(0).random((batch, *network.input_shape), dtype=np.float32)


# ---- there and back


def test_cases_hold_every_operator_that_computes() -> None:
    held = {node.op for name in CASES for node in case(name).nodes}
    assert set(OPS) - held == {"elementwise", "move"}


@pytest.mark.parametrize("name", [name for name in CASES if case(name).rows])
def test_each_operator_that_does_work_is_read_back(name: str, tmp_path: Path) -> None:
    check_round_trip(case(name), tmp_path)


@pytest.mark.parametrize("name", QUICK)
def test_published_networks_are_read_back(name: str, tmp_path: Path) -> None:
    check_round_trip(ZOO[name].build(), tmp_path)


@pytest.mark.parametrize("name", [n for n, e in FAMILIES.items() if "networks" in e.summary])
def test_random_members_of_families_are_read_back(name: str, tmp_path: Path) -> None:
    family = FAMILIES[name].make()
    for genome in family.space.sample(np.random.default_rng(5), 1):
        check_round_trip(family.network(genome), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_the_whole_zoo_is_read_back(name: str, tmp_path: Path) -> None:
    check_round_trip(ZOO[name].build(), tmp_path)


# ---- what the files are like


@pytest.mark.parametrize("name", QUICK)
def test_signals_stay_of_ordinary_size(name: str) -> None:
    network = ZOO[name].build()
    model = onnx.load_model_from_string(onnx_bytes(network))
    convs = [node.output[0] for node in model.graph.node if node.op_type in ("Conv", "MatMul")]
    for tensor in convs:
        model.graph.output.add().name = tensor
    for values in run(model.SerializeToString(), image(network)):
        assert 1e-3 < values.std() < 1e6


def test_same_arguments_same_bytes(tmp_path: Path) -> None:
    network = WHOLE["images"]()
    assert onnx_bytes(network) == onnx_bytes(network)
    assert onnx_bytes(network) != onnx_bytes(network, seed=1)
    write_onnx(network, tmp_path / "a.onnx")
    assert (tmp_path / "a.onnx").read_bytes() == onnx_bytes(network)


@pytest.mark.parametrize("name", WHOLE)
def test_files_pass_the_checker_and_run_at_their_batch(name: str) -> None:
    network = WHOLE[name]()
    onnx.checker.check_model(onnx.load_model_from_string(onnx_bytes(network)), full_check=True)
    three = image(network, 3)
    (fixed,) = run(onnx_bytes(network, batch=3), three)
    (free,) = run(onnx_bytes(network, batch=None), three)
    singly = np.concatenate([run(onnx_bytes(network), one[None])[0] for one in three])
    assert fixed.shape == (3, *network.nodes[-1].shape)
    np.testing.assert_allclose(fixed, singly, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(free, singly, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_activations_compute_what_they_are_called(kind: str) -> None:
    from cosearch.networks.onnx_in.pointwise import KNOWN, PROBES

    net = Builder("one", (1, 1, len(PROBES)))
    net.activation("input", kind, "op")
    network = net.build()
    (values,) = run(onnx_bytes(network), PROBES.astype(np.float32).reshape(1, 1, 1, -1))
    np.testing.assert_allclose(values.ravel(), KNOWN[kind], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("kind", "expected"), [("max", 15.0), ("avg", 7.5)])
def test_a_pool_over_everything_is_global(kind: str, expected: float) -> None:
    net = Builder("pool", (1, 4, 4))
    net.pool(kind, "input", "op", kernel=4, pad=0)
    data = onnx_bytes(net.build())
    (values,) = run(data, np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4))
    assert values.ravel().tolist() == [expected]
    (node,) = onnx.load_model_from_string(data).graph.node
    assert node.op_type.startswith("Global")


def test_given_weights_are_used_and_batch_norm_is_part_of_them() -> None:
    net = Builder("conv", (1, 1, 2))
    net.conv("input", 1, "op", activation="relu6")
    weights = {"op": {"weight": np.full((1, 1, 1, 1), 2, "f"), "bias": np.full(1, -3, "f")}}
    data = onnx_bytes(net.build(), weights=weights)
    (values,) = run(data, np.array([1, 10], "f").reshape(1, 1, 1, 2))
    assert values.ravel().tolist() == [0, 6]


def test_several_inputs_and_outputs_as_blocks_have_them() -> None:
    net = Builder("block", (2, 4, 4))
    other = net.add_node("input", (), (2, 4, 4), "logits")  # a name that is taken
    left = net.add("input", other, name="sum")
    right = net.activation(other, "relu", "right")
    first, second = np.ones((1, 2, 4, 4), "f"), np.full((1, 2, 4, 4), -2, "f")
    data = onnx_bytes(net.build(), outputs=(right, left, "input", left))
    results = run(data, first, second)
    assert [float(values.flat[0]) for values in results] == [0, -1, 1, -1]
    assert onnx.load_model_from_string(data).graph.output[0].name == "logits"


# ---- errors


def test_what_cannot_be_written_is_named() -> None:
    net = Builder("odd", (2, 4, 4))
    net.add_node("move", ("input",), (2, 4, 4), "pad", operator="pad")
    with pytest.raises(CosearchError, match=r"node 'pad' \(move, pad\) can be costed but not"):
        onnx_bytes(net.build())
    net = Builder("odd", (2, 4, 4))
    net.add_node("activation", ("input",), (2, 4, 4), "act", activation="mish")
    with pytest.raises(CosearchError, match=r"activation of 'act' 'mish': allowed are"):
        onnx_bytes(net.build())
    with pytest.raises(CosearchError, match="batch 0: at least 1"):
        onnx_bytes(net.build(), batch=0)


def test_weights_that_do_not_fit_are_refused() -> None:
    network = case("linear")
    weights = draw(network)
    weights["op"]["bias"] = np.zeros(4, "f")
    with pytest.raises(CosearchError, match=r"weights of 'op' have shapes .*bias': \(4,\)"):
        onnx_bytes(network, weights=weights)
    with pytest.raises(CosearchError, match=r"weights of 'op' have shapes \{\}"):
        onnx_bytes(network, weights={})
