"""TFLite in: int8 files of others cost what their networks are published to cost."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from cosearch.errors import CosearchError
from cosearch.networks import Kind, Network
from cosearch.networks.tflite_in import read_tflite
from cosearch.networks.tflite_in.read import SUPPORTED
from cosearch.zoo import find_network

CLASSES = 1001  # the files have a background class; the published counts leave it out


@pytest.fixture(scope="module")
def folder(reference_data: Path) -> Path:
    path = reference_data / "tflite"
    if not path.is_dir():
        pytest.skip(f"no TFLite files at {path}; name a folder with COSEARCH_DATA")
    return path


# file -> MACs, weights, input, output. Published: 14 M and 77 M for the two MobileNetV1, 300 M for
# MobileNetV2, 624 M for MobileNetEdgeTPU 0.75, 12.5 M for MLPerf Tiny's ResNet
FILES = {
    "mobilenet_v1_0.25_128_quant": (13_570_304, 463_856, (3, 128, 128), (CLASSES,)),
    "mobilenet_v1_0.5_160_quant": (76_525_312, 1_320_160, (3, 160, 160), (CLASSES,)),
    "mobilenet_v2_1.0_224_quant": (300_775_552, 3_471_040, (3, 224, 224), (CLASSES,)),
    "tf2_mobilenet_v2_1.0_224_ptq": (300_775_552, 3_471_040, (3, 224, 224), (CLASSES,)),
    "mobilenet_edgetpu_0.75_224_post_training_quant": (
        624_487_584,
        2_958_312,
        (3, 224, 224),
        (CLASSES,),
    ),
    "mlperf_tiny_resnet8_int8": (12_501_632, 77_360, (3, 32, 32), (10,)),
    "mlperf_tiny_resnet8_fp32": (12_501_632, 77_360, (3, 32, 32), (10,)),
    "deeplabv3_mnv2_dm05_pascal_quant": (867_496_704, 679_680, (3, 513, 513), (513, 513)),
}


@pytest.mark.parametrize("name", FILES)
def test_counts(folder: Path, name: str) -> None:
    network = read_tflite(folder / f"{name}.tflite")
    macs, weights, source, result = FILES[name]
    assert (network.macs, int(network.layers.weights.sum())) == (macs, weights)
    assert (network.input_shape, network.nodes[-1].shape) == (source, result)
    assert Network.from_dict(network.to_dict()).params == network.params


@pytest.mark.parametrize("name", FILES)
def test_counts_are_those_of_the_stored_tensors(folder: Path, name: str) -> None:
    """Multiplies from the shapes of weights and outputs, bytes from the buffers in the file."""
    import tflite

    file = folder / f"{name}.tflite"
    model = tflite.Model.GetRootAs(file.read_bytes(), 0)
    graph = model.Subgraphs(0)
    products = {
        tflite.BuiltinOperator.CONV_2D: slice(1, 4),  # (out, height, width, in): per output
        tflite.BuiltinOperator.DEPTHWISE_CONV_2D: slice(1, 3),  # (1, height, width, channels)
        tflite.BuiltinOperator.FULLY_CONNECTED: slice(1, 2),  # (out, in)
    }
    stored = macs = 0
    for i in range(graph.OperatorsLength()):
        operator = graph.Operators(i)
        code = model.OperatorCodes(operator.OpcodeIndex())
        kind = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        if kind not in products:
            continue
        weight = graph.Tensors(operator.Inputs(1))
        made = graph.Tensors(operator.Outputs(0)).ShapeAsNumpy()
        stored += model.Buffers(weight.Buffer()).DataLength()
        macs += int(np.prod(made) * np.prod(weight.ShapeAsNumpy()[products[kind]]))
    network = read_tflite(file)
    assert network.macs == macs
    assert stored == (4 if "fp32" in name else 1) * int(network.layers.weights.sum())


@pytest.mark.parametrize(
    ("name", "zoo"),
    [
        ("mobilenet_v2_1.0_224_quant", "mobilenet-v2-1.0"),
        ("mobilenet_edgetpu_0.75_224_post_training_quant", "mobilenet-edgetpu-0.75"),
    ],
)
def test_files_have_the_rows_of_the_published_network(folder: Path, name: str, zoo: str) -> None:
    """All but the classifier (and the softmax after it), in the same order."""
    read, ours = read_tflite(folder / f"{name}.tflite").layers, find_network(zoo).layers
    kept = ours.kind.size - 1
    assert_array_equal(read.table(np.int64)[:kept], ours.table(np.int64)[:kept])
    assert read.kind[kept + 1] == Kind.ELEMENTWISE
    assert int(read.in_channels[kept]) == int(ours.in_channels[kept])


def test_float_and_int8_have_the_same_rows(folder: Path) -> None:
    tables = [
        read_tflite(folder / f"mlperf_tiny_resnet8_{kind}.tflite").layers.table(np.int64)
        for kind in ("fp32", "int8")
    ]
    assert_array_equal(*tables)


def test_segmentation_is_read_to_the_last_pixel(folder: Path) -> None:
    network = read_tflite(folder / "deeplabv3_mnv2_dm05_pascal_quant.tflite")
    last = [(n.op, n.attributes.get("operator"), n.shape) for n, _ in network.rows[-3:]]
    assert last == [
        ("conv", None, (21, 33, 33)),
        ("move", "resize_bilinear", (21, 513, 513)),
        ("reduce", "arg_max", (513, 513)),
    ]
    assert max(int(n.attributes.get("dilation", 1)) for n, _ in network.rows) == 2


def test_damage_is_an_error_or_a_network(folder: Path, tmp_path: Path) -> None:
    data = (folder / "mlperf_tiny_resnet8_int8.tflite").read_bytes()
    rng = np.random.default_rng(0)
    file = tmp_path / "damaged.tflite"
    told = 0
    for i in range(200):
        damaged = bytearray(data)
        # where the tables are: after the weights
        for at in rng.integers(len(data) - 12_000, len(data), 1 + i % 8):
            damaged[at] = int(rng.integers(256))
        file.write_bytes(
            bytes(damaged[: int(rng.integers(8, len(data)))] if i % 5 == 0 else damaged)
        )
        try:
            assert read_tflite(file, allow_unknown=bool(i % 2)).macs >= 0
        except CosearchError as error:
            told += "damaged.tflite" in str(error) and "\n" not in str(error)
            continue
        told += 1
    assert told == 200


def test_bad_files_are_named(tmp_path: Path) -> None:
    file = tmp_path / "x.tflite"
    for data in (b"", b"not a network at all", b"\x08\x00\x00\x00TFL3"):
        file.write_bytes(data)
        with pytest.raises(CosearchError, match=r"x\.tflite is (damaged, or )?not a TFLite model"):
            read_tflite(file)
    with pytest.raises(CosearchError, match=r"missing\.tflite: No such file"):
        read_tflite(tmp_path / "missing.tflite")


def test_without_the_package_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.split(".")[0] == "tflite":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CosearchError, match=r"pip install cosearch\[tflite\]"):
        read_tflite(tmp_path / "net.tflite")


def test_supported_operators_are_listed() -> None:
    assert list(SUPPORTED) == sorted(set(SUPPORTED))
    assert {"CONV_2D", "FULLY_CONNECTED", "BATCH_MATMUL", "MEAN"} <= set(SUPPORTED)
