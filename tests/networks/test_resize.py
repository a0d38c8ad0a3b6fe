"""Networks on inputs of another shape, against the tables that build them for it."""

from __future__ import annotations

import numpy as np
import pytest

from cosearch.errors import CosearchError
from cosearch.families import FAMILIES
from cosearch.networks import Builder, Network
from cosearch.networks.blocks.channels import channel_shuffle
from cosearch.networks.resize import resized
from cosearch.zoo import find_network

BUILT = (
    "mobilenet-v1-0.25",
    "mobilenet-v2-1.0",
    "mobilenet-v3-large",
    "mobilenet-edgetpu-1.0",
    "mnasnet-a1",
    "efficientnet-b0",
    "efficientnet-edgetpu-s",
    "proxylessnas-mobile",
    "mobiledet-dsp",
    "fbnet-a",
    "resnet-18",
    "resnet-v2-50",
    "densenet-121",
    "vgg-16",
    "unet-mobilenet-v2",
)


@pytest.mark.parametrize("name", BUILT)
@pytest.mark.parametrize("pixels", [96, 160])
def test_as_the_table_builds_it(name: str, pixels: int) -> None:
    ours = resized(find_network(name), (3, pixels, pixels))
    built = find_network(f"{name}@{pixels}")
    assert [node.shape for node in ours.nodes] == [node.shape for node in built.nodes]
    np.testing.assert_array_equal(ours.layers.table(np.int64), built.layers.table(np.int64))
    assert ours.params == built.params


@pytest.mark.parametrize("name", ["mobilenet-v2-1.0", "vit-ti", "nasbench201-resnet"])
def test_there_and_back(name: str) -> None:
    network = find_network(name)
    channels, height, width = network.input_shape
    other = resized(network, (channels, 2 * height, width))
    assert other.macs > 1.5 * network.macs
    assert resized(other, network.input_shape) == network
    assert resized(network, network.input_shape) == network


def test_no_square_and_no_colour() -> None:
    network = find_network("mobilenet-v2-1.0")
    grey = resized(network, (1, 224, 224))
    assert network.params - grey.params == 2 * 9 * 32
    wide = resized(network, (3, 96, 320))
    before_pool = wide.by_name[wide.by_name["pool"].inputs[0]]
    assert before_pool.shape[1:] == (3, 10)
    assert wide.params == network.params
    small, large = wide.layers.macs.sum(), network.layers.macs.sum()
    assert small / large == pytest.approx(96 * 320 / 224**2, rel=0.02)


def test_onnx_infers_the_same_shapes() -> None:
    onnx = pytest.importorskip("onnx")
    from cosearch.networks.onnx_out.write import onnx_bytes

    family = FAMILIES["spos"].make()
    (genome,) = family.space.sample(np.random.default_rng(1), 1)
    network = resized(family.network(genome), (3, 64, 128))  # type: ignore[attr-defined]
    made = onnx.load_from_string(onnx_bytes(network))
    del made.graph.value_info[:]
    inferred = onnx.shape_inference.infer_shapes(made, strict_mode=True, data_prop=True)
    shapes = {
        tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)[1:]
        for value in inferred.graph.value_info
    }
    ours = {node.shape for node in network.nodes}
    assert len(shapes & ours) > 10
    assert {shape for shape in shapes if len(shape) == 3} <= ours


def test_tokens_and_their_positions_grow() -> None:
    network = resized(find_network("vit-ti"), (3, 32, 64))
    assert network.by_name["positions"].shape == (2 * 4 + 1, 192)
    assert network.nodes[-1].shape == (1000,)


def test_a_shuffle_keeps_its_groups() -> None:
    net = Builder("shuffled", (6, 4, 4))
    channel_shuffle(net, "input", "shuffle", 3)
    made = resized(net.build(), (6, 5, 7))
    assert made.by_name["shuffle.split"].shape == (3, 2, 5, 7)
    assert made.nodes[-1].shape == (6, 5, 7)
    with pytest.raises(CosearchError, match=r"'shuffle.split' \(reshape\) splits 6 into 3x2"):
        resized(net.build(), (12, 4, 4))


def one(op: str, source: tuple[int, ...], shape: tuple[int, ...], **attributes: object) -> Network:
    """A network of a single operator."""
    net = Builder("one", source)
    net.add_node(op, ("input",), shape, "node", **attributes)
    return net.build()


def test_what_padding_does_not_tell_is_refused() -> None:
    """Of 8 pixels, pairs by twos are four by any rule; of 9 they are four, or five."""
    pairs = one("max_pool", (3, 8, 8), (3, 4, 4), kernel=(2, 2), stride=2, pad=(0, 0))
    assert resized(pairs, (3, 12, 10)).nodes[-1].shape == (3, 6, 5)
    message = r"network one on 3x9x8: node 'node' \(max_pool\) would make 4x4 or 5x4 of 9x8"
    with pytest.raises(CosearchError, match=message):
        resized(pairs, (3, 9, 8))
    partial = one("max_pool", (3, 9, 9), (3, 5, 5), kernel=(2, 2), stride=2, pad=(0, 0))
    assert resized(partial, (3, 11, 11)).nodes[-1].shape == (3, 6, 6)
    whole = one("max_pool", (3, 9, 9), (3, 4, 4), kernel=(2, 2), stride=2, pad=(0, 0))
    assert resized(whole, (3, 11, 11)).nodes[-1].shape == (3, 5, 5)


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("mobilenet-v2-1.0", (224, 224), r"'input' \(input\) has shape 3x224x224: as many sizes"),
        ("mobilenet-v2-1.0", (3, 0, 224), "each >= 1"),
        ("inception-v3", (3, 8, 8), "finds nothing left in|would make"),
        ("unet-mobilenet-v2", (3, 100, 100), r"\(concat\) cannot join|\(max_pool\) would make"),
        ("ssd-mobilenet-v2", (3, 320, 320), "splits"),
    ],
)
def test_one_line_for_what_cannot_be(name: str, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        resized(find_network(name), shape)


def test_operators_of_one_size() -> None:
    reduced = one("reduce", (3, 8, 8), (3, 8), operator="mean", axes=(2,))
    with pytest.raises(CosearchError, match=r"'node' \(reduce\) was made for 3x8x8"):
        resized(reduced, (3, 9, 9))
    grouped = Builder("grouped", (4, 8, 8))
    grouped.conv("input", 8, "conv", kernel=3, groups=4)
    with pytest.raises(CosearchError, match="4 groups, which do not divide 3 channels"):
        resized(grouped.build(), (3, 8, 8))
    cut = Builder("cut", (4, 8, 8))
    cut.slice("input", 0, 2, "half")
    with pytest.raises(CosearchError, match="takes 0 to 2 of 4"):
        resized(cut.build(), (6, 8, 8))
    assert resized(cut.build(), (4, 9, 9)).nodes[-1].shape == (2, 9, 9)


def test_a_dilated_window_reaches_farther() -> None:
    net = Builder("dilated", (3, 9, 9))
    net.conv("input", 4, "conv", kernel=3, dilation=2, pad=(0, 0))
    assert resized(net.build(), (3, 11, 10)).nodes[-1].shape == (4, 7, 6)


def test_more_than_a_view_holds() -> None:
    net = Builder("flat", (3, 8, 8))
    net.reshape(net.conv("input", 4, "conv", kernel=8, pad=(0, 0)), (4,), "flat")
    with pytest.raises(CosearchError, match=r"'flat' \(reshape\) cannot make 4 of 4x2x2"):
        resized(net.build(), (3, 9, 9))


def test_branches_that_no_longer_meet() -> None:
    sides = Builder("sides", (3, 8, 8))
    sides.add("input", sides.conv("input", 3, "conv", kernel=3), name="sum")
    with pytest.raises(CosearchError, match=r"'sum' \(add\) cannot join 2x8x8 and 3x8x8"):
        resized(sides.build(), (2, 8, 8))
    net = Builder("branches", (3, 8, 8))
    net.add(
        net.conv("input", 3, "a", kernel=3, stride=2),
        net.conv("input", 3, "b", kernel=2, stride=2, pad=(0, 0)),
        name="sum",
    )
    branches = net.build()
    with pytest.raises(CosearchError, match=r"'b' \(conv\) would make 4x4 or 5x5 of 9x9"):
        resized(branches, (3, 9, 9))
