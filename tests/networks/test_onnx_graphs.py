"""ONNX in: whatever CNNs and vision transformers are written with."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.testing import assert_array_equal
from onnx import TensorProto, helper, numpy_helper

from cosearch.errors import CosearchError
from cosearch.networks import Builder, Kind, Network
from cosearch.networks.onnx_in import read_onnx
from cosearch.zoo import find_network

FLOAT = TensorProto.FLOAT
MICROSOFT = "com.microsoft"


def weight(name: str, *shape: int) -> TensorProto:
    return numpy_helper.from_array(np.full(shape, 0.5, np.float32), name)


def ints(name: str, *values: int) -> TensorProto:
    return numpy_helper.from_array(np.array(values, np.int64), name)


def node(op: str, inputs: str, outputs: str, **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def save(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    constants: Sequence[TensorProto],
    shape: Sequence[int | str],
    opset: int = 18,
) -> Path:
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", FLOAT, shape)],
        [helper.make_tensor_value_info(nodes[-1].output[0], FLOAT, None)],
        list(constants),
    )
    imports = [helper.make_opsetid("", opset), helper.make_opsetid(MICROSOFT, 1)]
    made = helper.make_model(graph, opset_imports=imports, ir_version=10)
    made.graph.output[0].type.tensor_type.shape.SetInParent()
    file = path / "net.onnx"
    onnx.save(made, file)
    return file


def ops(network: Network) -> list[str]:
    return [n.op for n, _ in network.rows]


IMAGE = (1, 4, 10, 10)
TOKENS = (1, 6, 8)
HEADS = (1, 2, 6, 4)
CASES: dict[str, tuple[Sequence[int], list[onnx.NodeProto], list[TensorProto], list[str], int]] = {
    "dilated": (
        IMAGE,
        [node("Conv", "x w", "y", dilations=[2, 2])],
        [weight("w", 8, 4, 3, 3)],
        ["conv"],
        8 * 4 * 9 * 36,
    ),
    "irrelevant stride": (
        (1, 4, 10, 1),
        [node("Conv", "x w", "y", strides=[2, 1], dilations=[1, 3])],
        [weight("w", 8, 4, 3, 1)],
        ["conv"],
        8 * 4 * 3 * 4,
    ),
    "transposed": (
        IMAGE,
        [node("ConvTranspose", "x w", "y", strides=[2, 2])],
        [weight("w", 4, 6, 2, 2)],
        ["conv_transpose"],
        4 * 6 * 4 * 100,
    ),
    "depth to space": (
        IMAGE,
        [node("DepthToSpace", "x", "d", blocksize=2), node("SpaceToDepth", "d", "y", blocksize=5)],
        [],
        ["transpose", "transpose"],
        0,
    ),
    "resize": (
        IMAGE,
        [node("Resize", "x  s", "y")],
        [numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "s")],
        ["move"],
        0,
    ),
    "strided slice": (IMAGE, [node("Slice", "x c0 c1 c2 c3", "y")], [], ["move"], 0),
    "split": (
        IMAGE,
        [node("Split", "x", "a b", axis=1, num_outputs=2), node("Concat", "b a", "y", axis=1)],
        [],
        ["concat"],
        0,
    ),
    "gather": (
        (1, 3, 6, 8),
        [
            node("Gather", "x zero", "q", axis=1),
            node("Gather", "x one", "k", axis=1),
            node("Transpose", "k", "t", perm=[0, 2, 1]),
            node("MatMul", "q t", "y"),
        ],
        [numpy_helper.from_array(np.int64(i), n) for i, n in enumerate(("zero", "one"))],
        ["transpose", "matmul"],
        6 * 6 * 8,
    ),
    "attention": (
        HEADS,
        [
            node("Transpose", "x", "k", perm=[0, 1, 3, 2]),
            node("MatMul", "x k", "s"),
            node("Mul", "s half", "m"),
            node("Softmax", "m", "p", axis=-1),
            node("MatMul", "p x", "y"),
        ],
        [numpy_helper.from_array(np.float32(0.5), "half")],
        ["transpose", "matmul", "scale", "softmax", "matmul"],
        2 * 2 * 6 * 6 * 4,
    ),
    "einsum": (
        HEADS,
        [node("Einsum", "x x", "y", equation="bhid,bhjd->bhij")],
        [],
        ["matmul"],
        2 * 6 * 6 * 4,
    ),
    "einsum of weights": (
        TOKENS,
        [node("Einsum", "x w", "y", equation="bnc,kc->bnk")],
        [weight("w", 5, 8)],
        ["dense"],
        6 * 8 * 5,
    ),
    "weights first": (
        TOKENS,
        [node("MatMul", "w x", "y")],
        [weight("w", 5, 6)],
        ["conv"],
        5 * 6 * 8,
    ),
    "class token": (
        TOKENS,
        [
            node("Expand", "cls shape", "e"),
            node("Concat", "e x", "c", axis=1),
            node("Add", "c pos", "y"),
        ],
        [weight("cls", 1, 1, 8), ints("shape", 1, 1, 8), weight("pos", 1, 7, 8)],
        ["class_token", "position"],
        0,
    ),
    "layer norm": (
        TOKENS,
        [node("LayerNormalization", "x w", "y", axis=-1)],
        [weight("w", 8)],
        ["layer_norm"],
        0,
    ),
    "instance norm": (
        IMAGE,
        [node("InstanceNormalization", "x w w", "y")],
        [weight("w", 4)],
        ["elementwise"],
        0,
    ),
    "group norm": (
        IMAGE,
        [
            node("Reshape", "x groups", "g"),
            node("InstanceNormalization", "g w w", "n"),
            node("Reshape", "n image", "i"),
            node("Mul", "i k", "m"),
            node("Add", "m k", "y"),
        ],
        [
            weight("w", 2),
            weight("k", 4, 1, 1),
            ints("groups", 0, 2, -1),
            ints("image", 1, 4, 10, 10),
        ],
        ["elementwise"],
        0,
    ),
    "leaky": (IMAGE, [node("PRelu", "x w", "y")], [weight("w", 4, 1, 1)], ["activation"], 0),
    "log softmax": (TOKENS, [node("LogSoftmax", "x", "y")], [], ["elementwise"], 0),
    "mean of tokens": (
        TOKENS,
        [node("ReduceMean", "x axis", "y", keepdims=0)],
        [ints("axis", 1)],
        ["reduce"],
        0,
    ),
    "arg max": (IMAGE, [node("ArgMax", "x", "y", axis=1)], [], ["reduce"], 0),
    "mask": (
        HEADS,
        [node("Add", "x m", "a"), node("Softmax", "a", "y")],
        [weight("m", 1, 1, 6, 4)],
        ["elementwise", "softmax"],
        0,
    ),
    "tiles": (IMAGE, [node("Tile", "x r", "y")], [ints("r", 1, 1, 2, 2)], ["move"], 0),
}
CUT = [ints("c0", 0, 0), ints("c1", 10, 10), ints("c2", 2, 3), ints("c3", 2, 2)]


@pytest.mark.parametrize("case", CASES)
def test_operators(tmp_path: Path, case: str) -> None:
    shape, nodes, constants, expected, macs = CASES[case]
    for one in nodes:  # an optional input that is left out
        if one.op_type == "Resize":
            one.input[:] = ["x", "", "s"]
    network = read_onnx(save(tmp_path, nodes, [*constants, *CUT], shape))
    assert ops(network) == expected
    assert network.macs == macs
    assert Network.from_dict(network.to_dict()).macs == macs


def test_every_output_counts(tmp_path: Path) -> None:
    nodes = [node("Conv", "x w", "c"), node("Conv", "c k", "d"), node("Relu", "c", "y")]
    file = save(tmp_path, nodes, [weight("w", 4, 4, 1, 1), weight("k", 2, 4, 1, 1)], IMAGE)
    model = onnx.load(file)
    model.graph.output.append(helper.make_tensor_value_info("d", FLOAT, [1, 2, 10, 10]))
    model.graph.output.append(helper.make_tensor_value_info("c", FLOAT, [1, 4, 10, 10]))
    onnx.save(model, file)
    assert ops(read_onnx(file)) == ["conv", "conv", "activation"]


def test_attention_as_one_operator(tmp_path: Path) -> None:
    nodes = [node("Attention", "x x x", "y")]
    network = read_onnx(save(tmp_path, nodes, [], HEADS, opset=23))
    assert ops(network) == ["transpose", "matmul", "scale", "softmax", "matmul"]
    assert network.layers.macs.tolist() == [0, 2 * 6 * 6 * 4, 0, 0, 2 * 6 * 6 * 4]
    assert network.layers.kind.tolist().count(Kind.MATMUL) == 2


def test_layer_norm_as_old_exporters_spell_it(tmp_path: Path) -> None:
    nodes = [
        node("ReduceMean", "x", "mean", axes=[-1]),
        node("Sub", "x mean", "c"),
        node("Pow", "c two", "q"),
        node("ReduceMean", "q", "v", axes=[-1]),
        node("Add", "v eps", "e"),
        node("Sqrt", "e", "s"),
        node("Div", "c s", "n"),
        node("Mul", "n w", "m"),
        node("Add", "m w", "y"),
    ]
    numbers = [numpy_helper.from_array(np.float32(v), n) for v, n in ((2, "two"), (1e-6, "eps"))]
    network = read_onnx(save(tmp_path, nodes, [*numbers, weight("w", 8)], TOKENS, opset=13))
    assert ops(network) == ["layer_norm"]
    assert network.params == 16


@pytest.mark.parametrize("scale", [1, 2])
def test_shapes_that_the_file_computes(tmp_path: Path, scale: int) -> None:
    """Windows of an image as exporters with dynamic shapes write them: Shape, Div, Mul, Concat."""
    nodes = [
        node("Shape", "x", "s"),
        node("Gather", "s two", "h"),
        node("Div", "h five", "n"),
        node("Range", "zero n one", "r"),
        node("Shape", "r", "m"),
        node("Concat", "onev fourv m fivev m fivev", "to", axis=0),
        node("Reshape", "x to", "w"),
        node("Transpose", "w", "t", perm=[0, 2, 4, 1, 3, 5]),
        node("Reshape", "t rows", "u"),
        node("MatMul", "u k", "y"),
    ]
    numbers = {"two": 2, "five": 5, "zero": 0, "one": 1}
    constants = [numpy_helper.from_array(np.int64(v), n) for n, v in numbers.items()]
    constants += [ints("onev", 1), ints("fourv", 4), ints("fivev", 5), ints("rows", -1, 25, 4)]
    size = 10 * scale
    file = save(tmp_path, nodes, [*constants, weight("k", 4, 3)], ("b", 4, "h", "w"))
    network = read_onnx(file, shapes={"x": (1, 4, size, size)})
    assert network.macs == size * size * 4 * 3
    assert ops(network) == ["transpose", "dense"]


# ---------------------------------------------------------------- int8


def float_model(path: Path) -> tuple[Path, Network]:
    """A small CNN with squeeze-and-excite, exported without a batch to vary."""
    import torch

    from cosearch.deep.module import to_module
    from cosearch.networks.blocks.channels import Squeeze, squeeze_excite

    net = Builder("int8", (3, 16, 16))
    x = net.conv("input", 8, "stem", kernel=3, stride=2, activation="relu6")
    y = net.conv(x, 8, "dw", kernel=3, groups=8, activation="relu")
    x = net.add(x, squeeze_excite(net, y, "se", Squeeze(4)), name="add")
    x = net.concat((x, net.pool("max", x, "max", kernel=3)), "join")
    net.linear(net.global_pool(x, "pool"), 10, "classes")
    network = net.build()
    file = path / "float.onnx"
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    module = to_module(network).eval()
    with torch.no_grad():  # equal weights would be stored once, which onnxruntime trips over
        generator = torch.Generator().manual_seed(0)
        for parameter in module.parameters():
            parameter.normal_(generator=generator)
    torch.onnx.export(
        module, (torch.zeros(1, 3, 16, 16),), file, dynamo=False, input_names=["image"]
    )
    return file, network


def q_operator(file: Path, out: Path) -> None:
    from onnxruntime import quantization

    class Images(quantization.CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.left = [np.random.default_rng(0).random((1, 3, 16, 16), dtype=np.float32)]

        def get_next(self) -> dict[str, Any] | None:
            return {"image": self.left.pop()} if self.left else None

    style = quantization.QuantFormat.QOperator
    quantization.quantize_static(file, out, Images(), quant_format=style)


def dynamic(file: Path, out: Path) -> None:
    from onnxruntime import quantization

    quantization.quantize_dynamic(file, out)


@pytest.mark.parametrize("quantise", [q_operator, dynamic])
def test_integer_graphs_cost_what_the_float_graph_does(
    tmp_path: Path, quantise: Callable[[Path, Path], None]
) -> None:
    file, network = float_model(tmp_path)
    out = tmp_path / "int8.onnx"
    logging.getLogger().setLevel(logging.ERROR)
    quantise(file, out)
    used = {n.op_type for n in onnx.load(out).graph.node}
    assert used & {"QLinearConv", "ConvInteger"}
    back = read_onnx(out)
    assert ops(back) == ops(network)
    assert_array_equal(back.layers.table(np.int64), network.layers.table(np.int64))


def test_integer_products(tmp_path: Path) -> None:
    nodes = [
        node("DynamicQuantizeLinear", "x", "q s z"),
        node("MatMulInteger", "q w z", "i"),
        node("Cast", "i", "f", to=FLOAT),
        node("Mul", "s k", "sk"),
        node("Mul", "f sk", "m"),
        node("Add", "m b", "a"),
        helper.make_node("QuickGelu", ["a"], ["y"], domain=MICROSOFT),
    ]
    constants = [numpy_helper.from_array(np.ones((8, 5), np.uint8), "w"), weight("b", 5)]
    constants += [numpy_helper.from_array(np.float32(0.1), "k")]
    network = read_onnx(save(tmp_path, nodes, constants, TOKENS))
    assert ops(network) == ["dense"]
    assert network.nodes[-1].bias is True
    assert network.nodes[-1].activation == "swish"


def test_what_onnxruntime_fuses(tmp_path: Path) -> None:
    """Bias and gelu, shortcut and norm, transpose, product and scale, in one operator each."""
    nodes = [
        helper.make_node("FusedMatMul", ["x", "w"], ["q"], domain=MICROSOFT, transB=1),
        helper.make_node("BiasGelu", ["q", "b"], ["g"], domain=MICROSOFT),
        helper.make_node("FusedMatMul", ["g", "g"], ["s"], domain=MICROSOFT, transB=1, alpha=0.5),
        node("Softmax", "s", "p"),
        node("MatMul", "p x", "m"),
        helper.make_node(
            "SkipLayerNormalization", ["m", "x", "k"], ["n", "", "", "t"], domain=MICROSOFT
        ),
        node("Add", "n t", "y"),
    ]
    constants = [weight("w", 5, 8), weight("b", 5), weight("k", 8)]
    network = read_onnx(save(tmp_path, nodes, constants, TOKENS))
    assert ops(network) == [
        "dense",
        "transpose",
        "matmul",
        "scale",
        "softmax",
        "matmul",
        "add",
        "layer_norm",
        "add",
    ]
    assert network.rows[0][0].activation == "gelu"
    assert network.macs == 6 * 8 * 5 + 6 * 6 * 5 + 6 * 6 * 8


# ---------------------------------------------------------------- files of others

# in the package onnx, as Caffe2 wrote them in 2017 -> MACs, params, rows
OTHERS = {
    "bvlc_alexnet": (654_560_384, 60_965_224, 14),
    "resnet50": (4_089_184_256, 25_557_032, 73),
    "squeezenet": (349_151_936, 1_235_496, 39),
    "vgg19": (19_632_062_464, 143_667_240, 25),
}


def light(name: str) -> Path:
    file = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    file = file / f"light_{name}.onnx"
    if not file.is_file():
        pytest.skip(f"this build of onnx comes without {file.name}")
    return file


@pytest.mark.parametrize("name", OTHERS)
def test_old_files_cost_what_their_networks_do(name: str) -> None:
    network = read_onnx(light(name))
    assert (network.macs, network.params, len(network.rows)) == OTHERS[name]


def test_a_file_of_others_has_the_rows_of_the_published_network() -> None:
    """All but the softmax at the end."""
    read, ours = read_onnx(light("resnet50")), find_network("resnet-50")
    assert ops(read)[:-1] == ops(ours)
    assert_array_equal(read.layers.table(np.int64)[:-1], ours.layers.table(np.int64))


# ---------------------------------------------------------------- what cannot be read


def test_unknown_operators_move_data_if_allowed(tmp_path: Path) -> None:
    strange = helper.make_node("Swirl", ["x"], ["s"], domain="my.ops", depth=3)
    strange.name = "swirl0"
    file = save(tmp_path, [strange, node("Conv", "s w", "y")], [weight("w", 8, 4, 1, 1)], IMAGE)
    with pytest.raises(CosearchError, match=r"'swirl0': operator my\.ops\.Swirl is not supported"):
        read_onnx(file)
    network = read_onnx(file, allow_unknown=True)
    (moved, row), (conv, _) = network.rows
    assert (moved.op, moved.operator, moved.shape) == ("move", "my.ops.swirl", (4, 10, 10))
    assert int(row.macs) == 0
    assert conv.shape == (8, 10, 10)


def test_an_unknown_operators_shape_is_what_the_file_states(tmp_path: Path) -> None:
    nodes = [node("NonMaxSwirl", "x", "s"), node("Relu", "s", "y")]
    file = save(tmp_path, nodes, [], IMAGE)
    model = onnx.load(file)
    model.graph.value_info.append(helper.make_tensor_value_info("s", FLOAT, ["b", 2, 5, 5]))
    onnx.save(model, file)
    assert read_onnx(file, allow_unknown=True).rows[0][0].shape == (2, 5, 5)


def test_open_sizes_are_fixed_by_name(tmp_path: Path) -> None:
    nodes = [node("Conv", "x w", "y")]
    file = save(tmp_path, nodes, [weight("w", 8, 4, 1, 1)], ("batch", 4, "h", "w_"))
    with pytest.raises(CosearchError, match=r"dimension 2 \(h\).*--shape x=1x4xNxN"):
        read_onnx(file)
    assert read_onnx(file, shapes={"x": (1, 4, 7, 9)}).macs == 32 * 63
    with pytest.raises(CosearchError, match=r"no input 'image', only x"):
        read_onnx(file, shapes={"image": (1, 4, 7, 9)})
    with pytest.raises(CosearchError, match="has 4 dimensions, not 3"):
        read_onnx(file, shapes={"x": (4, 7, 9)})
    with pytest.raises(CosearchError, match="batch of 2"):
        read_onnx(file, shapes={"x": (2, 4, 7, 9)})


def test_cycles_and_empty_tensors_are_named(tmp_path: Path) -> None:
    loop = [node("Add", "x b", "a"), node("Relu", "a", "b")]
    with pytest.raises(CosearchError, match=r"net\.onnx.*(sorted|output of any previous)"):
        read_onnx(save(tmp_path, loop, [], IMAGE))
    empty = [node("Slice", "x c0 c0", "s"), node("Relu", "s", "y")]
    with pytest.raises(CosearchError, match=r"empty|takes"):
        read_onnx(save(tmp_path, empty, CUT, IMAGE))
    with pytest.raises(CosearchError, match=r"Conv.* is empty: shape \(1, 0, 10, 10\)"):
        read_onnx(save(tmp_path, [node("Conv", "x w", "y")], [weight("w", 0, 4, 1, 1)], IMAGE))


# ---------------------------------------------------------------- damage


def transformer(path: Path) -> bytes:
    """A file with most kinds of operators in it."""
    nodes = [
        node("Conv", "x w", "c", strides=[2, 2]),
        node("Reshape", "c to", "r"),
        node("Transpose", "r", "t", perm=[0, 2, 1]),
        node("Concat", "cls t", "k", axis=1),
        node("Add", "k pos", "e"),
        node("LayerNormalization", "e g", "n", axis=-1),
        node("MatMul", "n qkv", "m"),
        node("Split", "m", "q k2 v", axis=2, num_outputs=3),
        node("Transpose", "k2", "kt", perm=[0, 2, 1]),
        node("MatMul", "q kt", "s"),
        node("Softmax", "s", "p", axis=-1),
        node("MatMul", "p v", "a"),
        node("Add", "a e", "o"),
        node("Shape", "o", "sh"),
        node("Slice", "o zero one axis", "f"),
        node("Squeeze", "f axis", "u"),
        node("Gemm", "u head", "y"),
    ]
    constants = [weight("w", 8, 4, 2, 2), weight("cls", 1, 1, 8), weight("pos", 1, 26, 8)]
    constants += [weight("g", 8), weight("qkv", 8, 24), weight("head", 8, 3)]
    constants += [ints("to", 1, 8, -1), ints("zero", 0), ints("one", 1), ints("axis", 1)]
    file = save(path, nodes, constants, IMAGE)
    read_onnx(file)
    return file.read_bytes()


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """Flip, overwrite, cut, double or swap some bytes."""
    damaged = bytearray(data)
    kind, at = int(rng.integers(5)), int(rng.integers(len(data)))
    length = int(rng.integers(1, 9))
    if kind == 0:
        damaged[at] ^= 1 << int(rng.integers(8))
    elif kind == 1:
        damaged[at : at + length] = rng.bytes(length)
    elif kind == 2:
        del damaged[at : at + length]
    elif kind == 3:
        damaged[at:at] = damaged[at : at + length]
    else:
        del damaged[at:]
    return bytes(damaged)


def test_damage_is_an_error_or_a_network(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    data = transformer(tmp_path)
    file = tmp_path / "damaged.onnx"
    read = 0
    for _ in range(300):
        file.write_bytes(mutate(data, rng))
        said = None
        try:
            network = read_onnx(file, allow_unknown=bool(rng.integers(2)))
        except CosearchError as error:
            said = str(error)
        if said is not None:
            assert "damaged.onnx" in said
            assert "\n" not in said
            continue
        read += 1
        assert network.macs >= 0
        assert Network.from_dict(network.to_dict()).params == network.params
    assert 20 < read < 280
