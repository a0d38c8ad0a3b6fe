"""Cost rows of transposed convolutions: the convolutions they consist of, nothing counted twice."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import conv_transpose2d

from cosearch.networks import Layers, Network
from cosearch.networks.network import Node
from cosearch.report.formats import count
from cosearch.report.network_svg import network_svg
from cosearch.zoo import find_network

CHANNELS, WIDTH, HEIGHT, COLUMNS = 8, 12, 7, 5
FRAMES = [  # kernel, stride, dilation, groups
    ((3, 3), 2, 1, 1),
    ((4, 4), 2, 1, 1),
    ((5, 5), 2, 1, 4),
    ((5, 3), 3, 1, 1),
    ((7, 7), 4, 1, 1),
    ((1, 3), 2, 1, 1),
    ((2, 2), 3, 1, 1),
    ((3, 3), 1, 1, 4),
    ((3, 3), 2, 2, 1),
    ((4, 3), 2, 3, 1),
    ((5, 4), 4, 6, 2),
]


def transposed(kernel: tuple[int, int], stride: int, dilation: int, groups: int) -> Network:
    source = Node("input", "input", (), (CHANNELS, HEIGHT, COLUMNS))
    attributes = {"kernel": kernel, "stride": stride, "dilation": dilation, "groups": groups}
    attributes |= {"pad": (0, 0), "activation": "none", "norm": False, "bias": False}
    shape = (WIDTH, stride * HEIGHT, stride * COLUMNS)
    return Network("n", (source, Node("up", "conv_transpose", ("input",), shape, attributes)))


def taps(layers: Layers) -> list[tuple[int, int]]:
    return list(zip(layers.kernel_y.tolist(), layers.kernel_x.tolist(), strict=True))


@pytest.mark.parametrize("frame", FRAMES)
def test_weights_and_macs_are_exact(frame: tuple[tuple[int, int], int, int, int]) -> None:
    network, (kernel, _, _, groups) = transposed(*frame), frame
    weights = WIDTH * CHANNELS // groups * kernel[0] * kernel[1]
    assert network.params == weights
    assert network.layers.weights.sum() == weights
    assert network.macs == HEIGHT * COLUMNS * weights


@pytest.mark.parametrize("frame", FRAMES)
def test_every_output_has_the_taps_that_torch_gives_it(
    frame: tuple[tuple[int, int], int, int, int],
) -> None:
    """Ones by ones: an output far from the edges is the number of its taps."""
    layers, (kernel, stride, dilation, groups) = transposed(*frame).layers, frame
    size, middle = 12 * dilation, 6 * dilation * stride
    counts = conv_transpose2d(
        torch.ones(1, 1, size, size), torch.ones(1, 1, *kernel), stride=stride, dilation=dilation
    )[0, 0, middle : middle + stride, middle : middle + stride]
    phases = layers.out_channels * groups // WIDTH
    ours = np.repeat(layers.kernel_y * layers.kernel_x, phases)
    assert sorted(ours.tolist()) == sorted(int(n) for n in counts.flatten() if n)


def test_three_by_three_of_stride_two_is_four_rows_of_one_node() -> None:
    network = transposed((3, 3), 2, 1, 1)
    assert taps(network.layers) == [(2, 2), (2, 1), (1, 2), (1, 1)]
    assert [node.name for node, _ in network.rows] == ["up"] * 4
    assert f"{count(network.macs)} MACs" in network_svg(network)


def test_a_stride_that_divides_the_kernel_is_one_row() -> None:
    (row,) = transposed((4, 4), 2, 1, 1).bounds
    assert row[1][1:9] == (1, 4 * WIDTH, CHANNELS, HEIGHT, COLUMNS, HEIGHT, COLUMNS, 2)


@pytest.mark.parametrize(("dilation", "stride", "apart"), [(3, 2, 3), (2, 2, 1), (6, 4, 3)])
def test_taps_of_a_phase_lie_apart(dilation: int, stride: int, apart: int) -> None:
    layers = transposed((3, 3), stride, dilation, 1).layers
    assert set(layers.dilation.tolist()) == {apart}


def test_the_unets_rows_have_the_unets_weights() -> None:
    network = find_network("unet-mobilenet-v2")
    beside = sum(
        2 * node.shape[0] * bool(node.norm) + node.shape[0] * bool(node.bias)
        for node in network.nodes
        if "norm" in node.attributes
    )
    assert network.layers.weights.sum() + beside == network.params
