"""ONNX in: what any exporter writes is read back as the same cost rows, and bad files are named."""

from __future__ import annotations

import builtins
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.testing import assert_array_equal
from onnx import TensorProto, helper, numpy_helper

from cosearch.errors import CosearchError
from cosearch.families.mobile import MobileFamily
from cosearch.networks import Builder, Kind, Network
from cosearch.networks.onnx_in import SUPPORTED, pointwise, read_onnx
from cosearch.networks.ops import ACTIVATIONS

FLOAT = TensorProto.FLOAT
Shape = Sequence[int | str]


def same_rows(read: Network, network: Network) -> None:
    """All columns of all rows are equal."""
    assert [n.op for n, _ in read.rows] == [n.op for n, _ in network.rows]
    for (name, a), (_, b) in zip(read.layers.items(), network.layers.items(), strict=True):
        assert_array_equal(a, b, err_msg=name)


# ---------------------------------------------------------------- files made by hand


def weight(name: str, *shape: int) -> TensorProto:
    return numpy_helper.from_array(np.ones(shape, np.float32), name)


def scalar(name: str, value: float) -> TensorProto:
    return numpy_helper.from_array(np.float32(value), name)


def ints(name: str, *values: int) -> TensorProto:
    return numpy_helper.from_array(np.array(values, np.int64), name)


def node(op: str, inputs: str, output: str, **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), [output], **attributes)


CONV = node("Conv", "x w", "c", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
W = weight("w", 8, 4, 3, 3)


def model(
    nodes: Sequence[onnx.NodeProto],
    constants: Sequence[TensorProto] = (),
    shape: Shape = (1, 4, 10, 10),
    inputs: Sequence[str] = ("x",),
    opset: int = 18,
) -> onnx.ModelProto:
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info(name, FLOAT, shape) for name in inputs],
        [helper.make_tensor_value_info(nodes[-1].output[0], FLOAT, None)],
        list(constants),
    )
    imports = [helper.make_opsetid("", opset), helper.make_opsetid("custom", 1)]
    made = helper.make_model(graph, opset_imports=imports, ir_version=9)
    made.graph.output[0].type.tensor_type.shape.SetInParent()  # the checker wants one, of any rank
    return made


def read(path: Path, *args: Any, **kwargs: Any) -> Network:
    """Write a model made by hand, and read it."""
    file = path / "net.onnx"
    onnx.save(model(*args, **kwargs), file)
    return read_onnx(file)


def ops(network: Network) -> list[str]:
    return [n.op for n in network.nodes]


def last(network: Network) -> Any:
    return network.nodes[-1]


# ---------------------------------------------------------------- torch exports


EXPORTERS = [
    pytest.param(True, True, id="dynamo"),
    pytest.param(False, True, id="torchscript"),
    pytest.param(False, False, id="torchscript-batchnorm"),
]


def exported(module: Any, shape: Sequence[int], path: Path, *, dynamo: bool, fold: bool) -> Path:
    import torch

    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    file = path / f"net_{dynamo}_{fold}.onnx"
    options: dict[str, Any] = {"verbose": False}
    if not dynamo:
        mode = torch.onnx.TrainingMode
        options = {
            "training": mode.EVAL if fold else mode.PRESERVE,
            "do_constant_folding": fold,
            "dynamic_axes": {"image": {0: "batch"}},
        }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            (torch.zeros(1, *shape),),
            file,
            dynamo=dynamo,
            input_names=["image"],
            **options,
        )
    return file


def quantised(file: Path, shape: Sequence[int]) -> Path:
    from onnxruntime import quantization

    class Images(quantization.CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            rng = np.random.default_rng(0)
            self.left = [rng.random((1, *shape), dtype=np.float32) for _ in range(3)]

        def get_next(self) -> dict[str, Any] | None:
            return {"image": self.left.pop()} if self.left else None

    out = file.with_suffix(".int8.onnx")
    logging.getLogger().setLevel(logging.ERROR)
    quantization.quantize_static(
        file, out, Images(), quant_format=quantization.QuantFormat.QDQ, per_channel=True
    )
    return out


def small_network(activation: str = "relu6") -> Network:
    """Every block there is, in one small graph."""
    from cosearch.networks.blocks import BLOCKS

    net = Builder("small", (3, 17, 15))
    x = net.conv("input", 8, "stem", kernel=3, stride=2, activation=activation)
    for i, (block, stride) in enumerate([("ibn", 1), ("fused", 2), ("fused", 1), ("ibn", 2)]):
        x = BLOCKS[block](
            net, x, 8, f"b{i}", kernel=5, expansion=2, stride=stride, activation=activation
        )
    x = net.conv(x, 16, "grouped", kernel=3, groups=4, activation=activation, norm=False)
    x = net.linear(net.global_pool(x, "pool"), 12, "hidden", activation=activation)
    net.linear(x, 10, "classifier")
    return net.build()


@pytest.mark.parametrize(("dynamo", "fold"), EXPORTERS)
@pytest.mark.parametrize("activation", ["relu", "hswish"])
def test_torch_exports_are_read_back_exactly(
    tmp_path: Path, activation: str, dynamo: bool, fold: bool
) -> None:
    from cosearch.deep.module import to_module

    network = small_network(activation)
    file = exported(to_module(network), network.input_shape, tmp_path, dynamo=dynamo, fold=fold)
    back = read_onnx(file)
    same_rows(back, network)
    assert [n.attributes.get("activation") for n, _ in back.rows] == [
        n.attributes.get("activation") for n, _ in network.rows
    ]
    if not fold:
        assert back.params == network.params


@pytest.mark.parametrize("activation", [a for a in ACTIVATIONS if a != "none"])
@pytest.mark.parametrize("fold", [True, False], ids=["folded", "batchnorm"])
def test_quantised_exports_are_read_back_exactly(
    tmp_path: Path, activation: str, fold: bool
) -> None:
    from cosearch.deep.module import to_module

    network = small_network(activation)
    file = exported(to_module(network), network.input_shape, tmp_path, dynamo=False, fold=fold)
    same_rows(read_onnx(file), network)
    same_rows(read_onnx(quantised(file, network.input_shape)), network)


@pytest.mark.parametrize("name", ["smallest", "middle", "largest"])
def test_mobile_networks_are_read_back_exactly(tmp_path: Path, name: str) -> None:
    from cosearch.deep.module import to_module

    family = MobileFamily.for_images(3, 32, 10)
    network = family.network(family.space.encode(family.references[name]))
    file = exported(to_module(network), network.input_shape, tmp_path, dynamo=False, fold=True)
    same_rows(read_onnx(file), network)
    same_rows(read_onnx(quantised(file, network.input_shape)), network)


def squeeze_excite() -> Any:
    """A module as people write them: squeeze-excite, mean, view, pools, concat, two activations."""
    import torch
    from torch import nn
    from torch.nn import functional

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8))
            self.squeeze, self.excite = nn.Linear(8, 2), nn.Linear(2, 8)
            self.max, self.avg = nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(3, 2, 1)
            self.norm = nn.BatchNorm2d(16)
            self.head = nn.Linear(16, 5)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.stem(x)
            x = x * functional.relu6(x + 3) / 6
            s = self.squeeze(x.mean((2, 3)))
            s = functional.hardsigmoid(self.excite(functional.relu(s)))
            x = x * s[:, :, None, None]
            x = torch.cat([self.max(x), self.avg(x)], 1)
            x = functional.relu(self.norm(x) + x)
            x = functional.dropout(functional.adaptive_avg_pool2d(x, 1), 0.2, self.training)
            return torch.softmax(self.head(x.view(x.size(0), -1)), 1)

    return Net()


@pytest.mark.parametrize(("dynamo", "fold"), EXPORTERS)
def test_rows_do_not_depend_on_the_exporter(tmp_path: Path, dynamo: bool, fold: bool) -> None:
    back = read_onnx(exported(squeeze_excite(), (3, 12, 12), tmp_path, dynamo=dynamo, fold=fold))
    worked = [(n.op, n.shape, n.attributes.get("activation")) for n, _ in back.rows]
    assert worked == [
        ("conv", (8, 12, 12), "hswish"),
        ("avg_pool", (8, 1, 1), None),
        ("linear", (2,), "relu"),
        ("linear", (8,), "hsigmoid"),
        ("mul", (8, 12, 12), "none"),
        ("max_pool", (8, 6, 6), None),
        ("avg_pool", (8, 6, 6), None),
        ("concat", (16, 6, 6), "none"),
        ("batch_norm", (16, 6, 6), "none"),
        ("add", (16, 6, 6), "relu"),
        ("avg_pool", (16, 1, 1), None),
        ("linear", (5,), "none"),
        ("softmax", (5,), None),
    ]
    quant = read_onnx(
        quantised(
            exported(squeeze_excite(), (3, 12, 12), tmp_path, dynamo=False, fold=fold), (3, 12, 12)
        )
    )
    same_rows(quant, back)


def test_weights_beside_the_model_are_not_needed(tmp_path: Path) -> None:
    from cosearch.deep.module import to_module

    network = small_network()
    file = exported(to_module(network), network.input_shape, tmp_path, dynamo=True, fold=True)
    for data in tmp_path.glob("*.data"):
        data.unlink()
    same_rows(read_onnx(file), network)


# ---------------------------------------------------------------- operators


def test_known_activations_are_those_of_the_operators() -> None:
    assert tuple(pointwise.KNOWN) == ACTIVATIONS


SPELLINGS = {
    "relu": [node("Relu", "c", "y")],
    "relu clip": [node("Clip", "c zero", "y")],
    "relu max": [node("Max", "c zero", "y")],
    "relu6": [node("Clip", "c zero six", "y")],
    "relu6 min": [node("Relu", "c", "r"), node("Min", "six r", "y")],
    "sigmoid": [node("Sigmoid", "c", "y")],
    "hsigmoid": [node("HardSigmoid", "c", "y", alpha=1 / 6)],
    "hsigmoid clip": [
        node("Add", "c three", "a"),
        node("Clip", "a zero six", "b"),
        node("Div", "b six", "y"),
    ],
    "hswish": [node("HardSwish", "c", "y")],
    "hswish mul": [node("HardSigmoid", "c", "h", alpha=1 / 6), node("Mul", "c h", "y")],
    "hswish clip": [
        node("Add", "three c", "a"),
        node("Clip", "a zero six", "b"),
        node("Mul", "b c", "d"),
        node("Div", "d six", "y"),
    ],
    "hswish sixth": [
        node("Mul", "c sixth", "a"),
        node("Add", "a half", "b"),
        node("Clip", "b zero one", "d"),
        node("Mul", "c d", "y"),
    ],
    "swish": [node("Sigmoid", "c", "s"), node("Mul", "s c", "y")],
    "none": [node("Identity", "c", "y")],
    "none dropout": [node("Dropout", "c", "y")],
    "leakyrelu": [node("LeakyRelu", "c", "y")],
    "tanh": [node("Tanh", "c", "y")],
    "elu": [node("Elu", "c", "y")],
    "hardsigmoid": [node("HardSigmoid", "c", "y")],  # Keras' slope of 0.2 is another function
    "clip": [node("Clip", "c zero one", "y")],
}
NUMBERS = {"zero": 0, "half": 0.5, "one": 1, "three": 3, "six": 6, "sixth": np.float16(1 / 6)}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_activations_fold_however_spelled(tmp_path: Path, spelling: str) -> None:
    numbers = [scalar(name, float(value)) for name, value in NUMBERS.items()]
    network = read(tmp_path, [CONV, *SPELLINGS[spelling]], [W, *numbers])
    assert ops(network) == ["input", "conv"]
    assert last(network).activation == spelling.split()[0]


def test_an_activation_folds_only_where_everyone_wants_it(tmp_path: Path) -> None:
    nodes = [
        CONV,
        node("Relu", "c", "r"),
        node("Sigmoid", "c", "s"),
        node("Concat", "r s", "y", axis=1),
    ]
    network = read(tmp_path, nodes, [W])
    assert ops(network) == ["input", "conv", "activation", "activation", "concat"]
    assert network.by_name["Conv"].activation == "none"
    assert last(network).shape == (16, 10, 10)


def test_same_activation_twice_is_one(tmp_path: Path) -> None:
    nodes = [
        CONV,
        node("Relu", "c", "r"),
        node("Relu", "c", "s"),
        node("Concat", "r s", "y", axis=1),
    ]
    network = read(tmp_path, nodes, [W])
    assert ops(network) == ["input", "conv", "concat"]
    assert last(network).inputs == ("Conv", "Conv")


@pytest.mark.parametrize(
    ("nodes", "params"),
    [
        ([node("BatchNormalization", "c b b b b", "y")], 8 * 4 * 9 + 16),
        ([node("Mul", "c k", "m"), node("Add", "m k", "y")], 8 * 4 * 9 + 24),
        ([node("Add", "k c", "m"), node("Relu", "m", "y")], 8 * 4 * 9 + 8),
    ],
)
def test_affine_folds_into_the_convolution(
    tmp_path: Path, nodes: list[onnx.NodeProto], params: int
) -> None:
    network = read(tmp_path, [CONV, *nodes], [W, weight("b", 8), weight("k", 8, 1, 1)])
    assert ops(network) == ["input", "conv"]
    assert network.params == params


@pytest.mark.parametrize(
    ("nodes", "activations"),
    [
        ([node("Relu", "c", "r"), node("Mul", "r k", "y")], ["relu", "scale"]),
        ([node("Mul", "c t", "y")], ["none", "mul"]),
        ([node("Div", "k c", "y")], ["none", "div"]),
        ([node("BatchNormalization", "c b b b b", "n"), node("Mul", "n c", "y")], None),
    ],
    ids=["after relu", "not per channel", "reciprocal", "read by two"],
)
def test_what_weights_cannot_absorb_stays(
    tmp_path: Path, nodes: list[onnx.NodeProto], activations: list[str] | None
) -> None:
    constants = [W, weight("b", 8), weight("k", 8, 1, 1), weight("t", 10)]
    network = read(tmp_path, [CONV, *nodes], constants)
    if activations is None:
        assert ops(network) == ["input", "conv", "batch_norm", "mul"]
    else:
        kinds = [n.attributes.get("activation") or n.operator for n, _ in network.rows]
        assert kinds == activations


def test_norm_before_a_layer_is_one_pass(tmp_path: Path) -> None:
    nodes = [
        node("BatchNormalization", "x b b b b", "n"),
        node("Relu", "n", "r"),
        node("Conv", "r w", "y"),
    ]
    network = read(tmp_path, nodes, [W, weight("b", 4)])
    assert [n.attributes["activation"] for n, _ in network.rows] == ["relu", "none"]
    assert ops(network) == ["input", "batch_norm", "conv"]


def test_matmul_over_tokens_is_a_dense_layer(tmp_path: Path) -> None:
    nodes = [node("MatMul", "x w", "m"), node("Add", "m b", "a"), node("Relu", "a", "y")]
    network = read(tmp_path, nodes, [weight("w", 32, 64), weight("b", 64)], shape=("n", 49, 32))
    assert ops(network) == ["input", "dense"]
    layer = network.layers
    assert (layer.out_channels, layer.in_channels, layer.out_y, layer.out_x) == (64, 32, 49, 1)
    assert network.macs == 49 * 32 * 64
    assert last(network).activation == "relu"
    assert last(network).bias is True


def test_matmul_of_one_token_is_fully_connected(tmp_path: Path) -> None:
    nodes = [node("Flatten", "x", "f"), node("MatMul", "f w", "m"), node("Add", "m b", "y")]
    network = read(tmp_path, nodes, [weight("w", 400, 7), weight("b", 7)])
    assert ops(network) == ["input", "linear"]
    assert network.params == 400 * 7 + 7


@pytest.mark.parametrize("trans", [0, 1])
def test_gemm(tmp_path: Path, trans: int) -> None:
    shape = (6, 5) if trans else (5, 6)
    network = read(
        tmp_path, [node("Gemm", "x w", "y", transB=trans)], [weight("w", *shape)], (1, 5)
    )
    assert network.params == 30
    assert last(network).shape == (6,)


@pytest.mark.parametrize(
    ("one", "shape"),
    [
        (node("GlobalAveragePool", "x", "y"), (4, 1, 1)),
        (node("GlobalMaxPool", "x", "y"), (4, 1, 1)),
        (node("ReduceMean", "x axes", "y", keepdims=0), (4, 1, 1)),
        (node("MaxPool", "x", "y", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1), (4, 5, 5)),
        (node("AveragePool", "x", "y", kernel_shape=[2, 3]), (4, 9, 8)),
    ],
    ids=lambda value: getattr(value, "op_type", None),
)
def test_pools(tmp_path: Path, one: onnx.NodeProto, shape: tuple[int, ...]) -> None:
    network = read(tmp_path, [one], [ints("axes", -1, 2)])
    assert network.rows[-1][0].shape == shape
    assert network.layers.kind.tolist() == [Kind.POOL]
    assert network.layers.groups.tolist() == [4]


def test_padding_with_zeros_is_the_convolutions(tmp_path: Path) -> None:
    pads = ints("p", 0, 0, 0, 0, 0, 0, 1, 2)
    network = read(tmp_path, [node("Pad", "x p", "a"), node("Conv", "a w", "y")], [pads, W])
    ((conv, row),) = network.rows
    assert (conv.shape, conv.pad) == ((8, 9, 10), (0, 0, 1, 2))
    assert (row.in_y, row.in_x) == (10, 10)


@pytest.mark.parametrize(
    "pad", [node("Pad", "x p one", "a"), node("Pad", "x p", "a", mode="reflect")]
)
def test_other_padding_moves_data(tmp_path: Path, pad: onnx.NodeProto) -> None:
    pads = ints("p", 0, 0, 0, 0, 0, 0, 1, 2)
    network = read(tmp_path, [pad, node("Conv", "a w", "y")], [pads, W, scalar("one", 1)])
    (moved, _), (_, row) = network.rows
    assert (moved.op, moved.operator, moved.shape) == ("move", "pad", (4, 11, 12))
    assert (row.in_y, row.in_x) == (11, 12)


@pytest.mark.parametrize("auto", ["SAME_UPPER", "SAME_LOWER"])
def test_same_padding_is_worked_out(tmp_path: Path, auto: str) -> None:
    conv = node("Conv", "x w", "y", auto_pad=auto, strides=[2, 2])
    network = read(tmp_path, [conv], [W])
    assert last(network).shape == (8, 5, 5)
    assert last(network).pad == ((0, 0, 1, 1) if auto == "SAME_UPPER" else (1, 1, 0, 0))


def test_old_files_declare_weights_as_inputs_too(tmp_path: Path) -> None:
    made = model([CONV], [W], opset=9)
    made.graph.input.append(helper.make_tensor_value_info("w", FLOAT, [8, 4, 3, 3]))
    made.ir_version = 3
    made.graph.output[0].type.tensor_type.shape.CopyFrom(
        helper.make_tensor_value_info("c", FLOAT, ["n", 8, "h", "w"]).type.tensor_type.shape
    )
    onnx.save(made, tmp_path / "old.onnx")
    assert read_onnx(tmp_path / "old.onnx").macs == 8 * 4 * 9 * 100


def test_local_functions_are_inlined(tmp_path: Path) -> None:
    made = model([CONV, helper.make_node("Act", ["c"], ["y"], domain="custom")], [W])
    body = [node("Relu", "a", "b")]
    imports = [helper.make_opsetid("", 18)]
    made.functions.append(helper.make_function("custom", "Act", ["a"], ["b"], body, imports))
    onnx.save(made, tmp_path / "f.onnx")
    network = read_onnx(tmp_path / "f.onnx")
    assert last(network).activation == "relu"


def test_names_are_unique_and_dead_nodes_dropped(tmp_path: Path) -> None:
    def conv(source: str, output: str, name: str) -> onnx.NodeProto:
        one = node("Conv", f"{source} v", output)
        one.name = name
        return one

    nodes = [conv("x", "a", "x"), conv("a", "b", "same"), conv("a", "dead", "dead")]
    nodes += [conv("b", "d", "same"), conv("d", "e", ""), conv("e", "y", "")]
    network = read(tmp_path, nodes, [weight("v", 4, 4, 1, 1)])
    names = [n.name for n in network.nodes]
    assert names == ["x", "x_2", "same", "same_2", "Conv", "Conv_2"]
    assert Network.from_dict(network.to_dict()).layers.shape == network.layers.shape


# ---------------------------------------------------------------- bad input

BAD: dict[str, tuple[list[onnx.NodeProto], str, dict[str, Any]]] = {
    "operator": (
        [CONV, node("LSTM", "c", "y")],
        r"'LSTM'.*LSTM is not supported; --allow-unknown",
        {},
    ),
    "domain": (
        [helper.make_node("Relu", ["x"], ["y"], domain="custom")],
        r"custom\.Relu is not supported",
        {},
    ),
    "symbolic": (
        [CONV],
        r"'x': dimension 2 \(h\) has no fixed size; fix it with --shape x=1x4xNx10",
        {"shape": ("n", 4, "h", 10)},
    ),
    "batch": ([CONV], r"'x' has a batch of 8", {"shape": (8, 4, 10, 10)}),
    "rank": ([node("Relu", "x", "y")], r"'x' is no tensor of known rank", {"shape": (5,)}),
    "empty": ([CONV], r"'x' is empty: shape \(1, 4, 0, 10\)", {"shape": (1, 4, 0, 10)}),
    "absurd": ([node("Relu", "x", "y")], r"more than", {"shape": (1, 2**20, 2**20, 1)}),
    "inputs": ([CONV], r"2 inputs \(x, z\): needs exactly one", {"inputs": ("x", "z")}),
    "no input": ([node("Identity", "w", "y")], r"no inputs: needs exactly one", {"inputs": ()}),
    "no work": ([node("Identity", "x", "y")], r"does no work", {}),
    "no link": ([node("Identity", "w", "y")], r"does no work", {}),
    "strides": ([node("Conv", "x w", "y", strides=[2, 1])], r"Conv.*strides \[2, 1\]", {}),
    "groups": ([node("Conv", "x w", "y", group=3)], r"Conv", {}),
    "conv1d": ([node("Conv", "x v", "y")], r"only 2-D", {"shape": (1, 4, 10)}),
    "fit": ([node("MatMul", "x w", "y")], r"MatMul|net\.onnx", {}),
    "fit gemm": ([node("Gemm", "x m", "y")], r"Gemm.*\bmismatch", {"shape": (1, 4)}),
    "transposed": ([node("Gemm", "x n", "y", transA=1)], r"transA", {"shape": (1, 1)}),
    "pool": ([node("MaxPool", "x", "y", kernel_shape=[2])], r"2-D", {"shape": (1, 4, 10)}),
    "too small": ([node("Conv", "x w", "y")], r"net\.onnx", {"shape": (1, 4, 2, 2)}),
    "opset": ([CONV], r"operator set 999", {"opset": 999}),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_models_are_named(tmp_path: Path, case: str) -> None:
    nodes, message, options = BAD[case]
    constants = [W, weight("v", 8, 4, 3), weight("m", 5, 6), weight("k", 8, 1, 1), scalar("one", 1)]
    constants += [
        weight("n", 1, 6),
        ints("axes", 1),
        ints("pads", 0, 0, 1, 1, 0, 0, 1, 1),
        weight("q", 3, 7),
    ]
    with pytest.raises(CosearchError, match=message) as caught:
        read(tmp_path, nodes, constants, **options)
    assert "net.onnx" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("op", "other", "kind"),
    [("Sub", 8, "elementwise"), ("Div", 8, "elementwise"), ("Add", 1, "add"), ("Max", 8, None)],
)
def test_two_layers_meet(tmp_path: Path, op: str, other: int, kind: str | None) -> None:
    nodes = [CONV, node("Conv", "x v", "d", pads=[1] * 4), node(op, "c d", "y")]
    network = read(tmp_path, nodes, [W, weight("v", other, 4, 3, 3)])
    assert last(network).op == (kind or "elementwise")
    assert network.layers.operands[-1] == (2 if other == 8 else 1)


def test_bad_files_are_named(tmp_path: Path) -> None:
    for name, data in {"empty": b"", "text": b"not a network\n" * 9, "zeros": bytes(100)}.items():
        file = tmp_path / f"{name}.onnx"
        file.write_bytes(data)
        with pytest.raises(CosearchError, match=f"{name}.onnx is not an ONNX model"):
            read_onnx(file)
    with pytest.raises(CosearchError, match=r"missing\.onnx: No such file"):
        read_onnx(tmp_path / "missing.onnx")
    with pytest.raises(CosearchError, match="Is a directory"):
        read_onnx(tmp_path)


def test_without_onnx_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.split(".")[0] == "onnx":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CosearchError, match=r"pip install cosearch\[onnx\]"):
        read_onnx(tmp_path / "net.onnx")


def fuzz_seed() -> bytes:
    """A small file with most operators in it."""
    nodes = [
        CONV,
        node("BatchNormalization", "c b b b b", "n"),
        node("Clip", "n zero six", "r"),
        node("MaxPool", "r", "p", kernel_shape=[2, 2], strides=[2, 2]),
        node("Add", "p p", "s"),
        node("Concat", "s p", "t", axis=1),
        node("ReduceMean", "t axes", "g"),
        node("Flatten", "g", "f"),
        node("Gemm", "f m", "h"),
        node("QuantizeLinear", "h one z", "q"),
        node("DequantizeLinear", "q one z", "d"),
        node("Softmax", "d", "y"),
    ]
    constants = [weight("w", 2, 4, 3, 3), weight("b", 2), scalar("zero", 0), scalar("six", 6)]
    constants += [ints("axes", 2, 3), weight("m", 4, 3), scalar("one", 1)]
    constants += [numpy_helper.from_array(np.int8(0), "z")]
    made = onnx.shape_inference.infer_shapes(model(nodes, constants))
    return bytes(made.SerializeToString())


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_raise_nothing_else(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = fuzz_seed()
    file = tmp_path / "f.onnx"
    file.write_bytes(data)
    assert len(read_onnx(file).rows) == 7
    for i in range(150):
        damaged = bytearray(data)
        for at in rng.integers(0, len(data), 1 + i % 4):
            damaged[at] = rng.integers(256) if i % 2 else damaged[at] ^ (1 << int(rng.integers(8)))
        cut = int(rng.integers(len(data))) if i % 5 == 0 else len(data)
        file.write_bytes(bytes(damaged[:cut]))
        try:
            network = read_onnx(file)
        except CosearchError as error:
            said = str(error)
        else:
            said = network.name
            assert network.macs >= 0
            assert network.params >= 0
        assert said.startswith((str(file), file.stem))
        assert "\n" not in said


def test_supported_operators_are_listed() -> None:
    assert list(SUPPORTED) == sorted(set(SUPPORTED))
    assert {"Conv", "Gemm", "MatMul", "Softmax", "QuantizeLinear", "Transpose"} <= set(SUPPORTED)
