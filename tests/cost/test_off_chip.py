"""What goes to DRAM and what stays, on cases small enough to work out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from cosearch.cost import EdgeModel
from cosearch.cost.edge.staging import constants
from cosearch.hardware import find_chip
from cosearch.networks import Builder, Layers

CHIP = replace(
    find_chip("small-edge").columns(),
    pes_x=np.array(1),
    pes_y=np.array(1),
    parameter_memory_bytes=np.array(1e9),
    activation_memory_bytes=np.array(1e9),
)
WEIGHTS = 4 * 8 * 9 + 8 * 8 * 9 + 8 * 4
MOST = 2 * 8 * 64  # activations of the largest layer


def three_layers() -> Layers:
    net = Builder("three", (4, 8, 8))
    x = net.conv("input", 8, "a", kernel=3)
    x = net.conv(x, 8, "b", kernel=3)
    net.conv(x, 4, "c")
    return net.build().layers


def dram(memory: float) -> list[float]:
    chip = replace(CHIP, pe_memory_bytes=np.array(float(memory)))
    return EdgeModel()(three_layers(), chip[None]).dram_bytes.tolist()


def test_all_fits_only_the_ends_reach_dram() -> None:
    assert dram(64 * 1024) == [4 * 64, 0, 4 * 64]
    assert dram(2 * MOST) == [4 * 64, 0, 4 * 64]


def test_of_weights_that_do_not_fit_the_same_share_streams() -> None:
    net = Builder("wide", (512, 2, 2))
    x = net.conv("input", 512, "a")
    net.conv(x, 512, "b")
    layers, weights, most = net.build().layers, 2 * 512 * 512, 2 * 512 * 4
    memory = weights // 2 + most
    chip = replace(CHIP, pe_memory_bytes=np.array(float(memory)))
    moved = EdgeModel()(layers, chip[None]).dram_bytes
    kept = (memory - most) * 7 / 8  # an eighth of the weights' memory takes what streams
    assert moved.tolist() == pytest.approx([(weights - kept) / 2 + 512 * 4] * 2)


def test_activations_that_do_not_fit_are_tiled_by_rows() -> None:
    """One layer, 256 weights resident, 32 rows of 2 KiB in and out, room for 16 of each."""
    net = Builder("tall", (16, 32, 128))
    net.conv("input", 16, "a")
    layers = net.build().layers
    chip = replace(CHIP, pe_memory_bytes=np.array(2.0 * 64 * 1024))
    assert EdgeModel()(layers, chip[None]).dram_bytes == [2 * 16 * 32 * 128]


def test_a_shortcut_added_to_its_producer_costs_no_pass() -> None:
    """The sum reads the shortcut only, and its result is written in the producer's stead."""
    net = Builder("residual", (8, 16, 16))
    x = net.conv("input", 8, "a", kernel=3)
    y = net.conv(x, 8, "b", kernel=3)
    net.add(y, x, name="sum")
    cost = EdgeModel()(net.build().layers, CHIP[None])
    assert cost.on_chip_bytes[2] == 8 * 16 * 16
    assert cost.dram_bytes.tolist() == [8 * 256, 0, 8 * 256]
    assert cost.vector_s[2] > 0
    assert cost.compute_s[2] == 0


def test_a_row_that_does_not_fit_cannot_run() -> None:
    tiny = replace(CHIP, pe_memory_bytes=np.array(100.0))
    assert np.isinf(EdgeModel()(three_layers(), tiny[None]).latency_s).any()


@pytest.mark.parametrize("smaller", [2**i for i in range(9, 17)])
def test_more_memory_never_moves_more(smaller: int) -> None:
    assert sum(dram(2 * smaller)) <= sum(dram(smaller))


def test_small_staging_memories_slow_dram_down() -> None:
    """By Little's law: half a request in flight, half the rate."""
    rate = float(CHIP.dram_bytes_per_s)
    enough = rate * constants().dram_latency_s
    layers = three_layers()
    full, half = (
        EdgeModel()(layers, replace(CHIP, activation_memory_bytes=np.array(size))[None]).dram_s
        for size in (enough, enough / 2)
    )
    assert full[0] == pytest.approx(256 / rate)
    assert half[0] == pytest.approx(2 * full[0])


def test_a_program_too_long_is_fetched_in_part() -> None:
    size = constants().instruction_bytes_per_layer
    chip = replace(CHIP, instruction_memory_bytes=np.array(size * 1.5))
    cost = EdgeModel()(three_layers(), chip[None])
    assert cost.dram_bytes.tolist() == [256 + size / 2, size / 2, 256 + size / 2]
    assert (cost.instruction_s > 0).all()
    plenty = EdgeModel()(three_layers(), CHIP[None])
    assert (plenty.instruction_s == 0).all()
