"""What goes to DRAM and what stays, on cases small enough to work out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from cosearch.cost import EdgeModel
from cosearch.hardware import find_chip
from cosearch.networks import Builder

CHIP = replace(find_chip("small-edge").columns(), pes_x=np.array(1), pes_y=np.array(1))


def three_layers() -> tuple[object, int]:
    net = Builder("three", (4, 8, 8))
    x = net.conv("input", 8, "a", kernel=3)
    x = net.conv(x, 8, "b", kernel=3)
    net.conv(x, 4, "c")
    return net.build().layers, 4 * 8 * 9 + 8 * 8 * 9 + 8 * 4


def dram(memory: int) -> list[float]:
    layers, _ = three_layers()
    chip = replace(CHIP, pe_memory_bytes=np.array(float(memory)))
    return EdgeModel()(layers, chip[None]).dram_bytes.tolist()


def test_all_fits_only_the_ends_reach_dram() -> None:
    assert dram(64 * 1024) == [4 * 64, 0, 4 * 64]


def test_weights_that_do_not_fit_are_streamed_each_time() -> None:
    _, weights = three_layers()
    # activations (at most 1,024 bytes a layer) fit a half of 1,600 bytes only in part
    memory = 2 * (8 * 64 + 8 * 64)
    assert weights <= memory // 2  # resident: nothing but the ends
    assert dram(memory) == [256, 0, 256]
    tight = 2 * weights - 2  # one byte short: every layer streams its weights
    assert memory > tight
    moved = dram(tight)
    assert moved[0] >= 4 * 8 * 9 + 256
    assert sum(moved) >= weights + 512


def test_a_row_that_does_not_fit_cannot_run() -> None:
    assert np.isinf(
        EdgeModel()(
            three_layers()[0], replace(CHIP, pe_memory_bytes=np.array(100.0))[None]
        ).latency_s
    ).any()


@pytest.mark.parametrize("smaller", [2**i for i in range(9, 17)])
def test_more_memory_never_moves_more(smaller: int) -> None:
    assert sum(dram(2 * smaller)) <= sum(dram(smaller))
