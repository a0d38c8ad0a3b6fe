"""The roofline model: properties, and times worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cost.roofline_oracle import walk

from cosearch.cost.cost import Bound, Cost
from cosearch.cost.roofline.model import RooflineModel, matrix_s, vector_s
from cosearch.cost.roofline.traffic import is_fused, traffic
from cosearch.families import MobileFamily
from cosearch.hardware import Rooflines, devices, find_device_file
from cosearch.hardware.roofline_file import RooflineFile
from cosearch.networks import Builder, Kind, Layers
from cosearch.testing import check_cost_model
from cosearch.zoo import find_network

SHIPPED = [name for name, file in devices().items() if file.kind == "roofline"]
# 1 TMAC/s, 0.1 TMAC/s, 10 GB/s; nothing else limits.
PLAIN = RooflineFile(
    precision="fp16",
    matrix_tops={"fp16": 2.0},
    matrix_tile=(8, 16, 4),
    vector_tops=0.2,
    near_memory_mib=1,
    dram_gb_per_s=10,
)


def chip(**changes: object) -> Rooflines:
    return RooflineFile(**{**PLAIN.model_dump(), **changes}).columns()[None]  # type: ignore[arg-type]


def cost(layers: Layers, **changes: object) -> Cost:
    return RooflineModel()(layers, chip(**changes))


def conv(channels: int, size: int, out: int, **options: int) -> Layers:
    net = Builder("one", (channels, size, size))
    net.conv("input", out, "a", **options)
    return net.build().layers


def random_chips(rng: np.random.Generator, count: int) -> Rooflines:
    """Shipped devices with every resource scaled by up to 8 either way."""
    picked = [find_device_file(name).columns() for name in rng.choice(SHIPPED, count)]
    chips = Rooflines.stack([row for row in picked if isinstance(row, Rooflines)])
    scaled = ("matrix_macs_per_s", "vector_macs_per_s", "near_memory_bytes", "far_memory_bytes")
    changes = {name: getattr(chips, name) * 2.0 ** rng.uniform(-3, 3, count) for name in scaled}
    return replace(chips, **changes, batch=rng.integers(1, 65, count))


# ---- properties


@pytest.mark.parametrize(("size", "seed"), [(8, 0), (32, 1), (224, 2)])
def test_conformance(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    family = MobileFamily.for_images(3, size, 10)
    layers = family.decode(family.space.sample(rng, 40))
    check_cost_model(RooflineModel(), layers, random_chips(rng, 40))


@pytest.mark.parametrize("network", ["vit-ti", "nasnet-a-mobile", "resnet-50"])
def test_conformance_on_published_networks(network: str) -> None:
    layers = find_network(network).layers
    chips = random_chips(np.random.default_rng(3), 12)
    rows = Layers(**{name: np.repeat(c[None], 12, 0) for name, c in layers.items()})
    check_cost_model(RooflineModel(), rows, chips)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_device_runs_everything(name: str) -> None:
    device = find_device_file(name)
    for network in ("mobilenet-v2-1.0", "vit-ti"):
        found = RooflineModel()(find_network(network).layers, device.columns()[None])
        assert all(np.isfinite(column).all() for _, column in found.items())
        assert found.sum(-1).latency_s > 0
    assert device.source


def test_padding_changes_nothing() -> None:
    layers = find_network("mobilenet-v2-1.0").layers
    apart = np.full(2 * layers.shape[0], -1)
    apart[::2] = np.arange(layers.shape[0])
    padded = layers[np.maximum(apart, 0)]
    padded = replace(padded, repeat=np.where(apart >= 0, padded.repeat, 0))
    columns = find_device_file("t4").columns()[None]
    alone, among = RooflineModel()(layers, columns), RooflineModel()(padded, columns)
    for name, column in alone.items():
        if name not in ("area_mm2", "peak_macs_per_s"):
            assert np.array_equal(getattr(among, name)[::2], column), name
            assert not getattr(among, name)[1::2].any(), name


@given(
    channels=st.integers(1, 300),
    out=st.integers(1, 300),
    size=st.integers(1, 40),
    batch=st.integers(1, 64),
)
@settings(max_examples=60, deadline=None)
def test_more_work_never_takes_less(channels: int, out: int, size: int, batch: int) -> None:
    rough = {
        "matrix_half_gflop": 0.1,
        "dram_half_mb": 0.3,
        "launch_us": 2,
        "matrix_efficiency": 0.8,
    }
    before = cost(conv(channels, size, out), batch=batch, **rough).latency_s
    for more in (conv(channels + 1, size, out), conv(channels, size, out + 1)):
        assert cost(more, batch=batch, **rough).latency_s >= before
    assert cost(conv(channels, size, out), batch=batch + 1, **rough).latency_s >= before


# ---- against the same in plain Python


def random_layers(rng: np.random.Generator, count: int) -> Layers:
    """Rows of all kinds, some repeated, some padding; small elementwise ones often fuse."""
    kind = rng.integers(0, len(Kind), count)
    grouped = rng.choice([1, 1, 4], count)
    vector = (kind == Kind.POOL) | (kind == Kind.ELEMENTWISE)
    size = rng.integers(1, 6, count)
    window = np.where(kind == Kind.ELEMENTWISE, 1, rng.choice([1, 3], count))
    return Layers(
        kind=kind,
        groups=grouped * np.where(vector, 8, 1),
        out_channels=np.where(vector, 1, rng.choice([1, 8, 20], count)),
        in_channels=np.where(vector, 1, rng.integers(1, 24, count)),
        out_y=size,
        out_x=size,
        in_y=size + rng.integers(0, 2, count),
        in_x=size,
        kernel_y=window,
        kernel_x=window,
        stride=np.ones(count, dtype=int),
        dilation=np.ones(count, dtype=int),
        operands=np.where(kind == Kind.ELEMENTWISE, rng.integers(1, 4, count), 1),
        repeat=rng.choice([0, 1, 1, 3], count),
    )


def small_chips(rng: np.random.Generator, count: int) -> Rooflines:
    """Memories about as large as what `random_layers` put there."""
    chips = random_chips(rng, count)
    near = 2.0 ** rng.uniform(9, 15, count)
    return replace(
        chips,
        near_memory_bytes=near,
        far_memory_bytes=near * rng.choice([0.0, 2.0, 8.0], count),
        far_bytes_per_s=chips.dram_bytes_per_s * 2,
        matrix_half_macs=rng.uniform(0, 1e4, count),
        vector_half_macs=rng.uniform(0, 1e4, count),
        dram_half_bytes=rng.uniform(0, 1e4, count),
        batch=rng.integers(1, 5, count),
        fuses=rng.integers(0, 2, count),
    )


def test_equals_plain_python() -> None:
    rng = np.random.default_rng(0)
    networks = [random_layers(rng, 12) for _ in range(150)]
    chips = small_chips(rng, 150)
    found = RooflineModel()(Layers.stack(networks), chips[:, None])
    moved = traffic(Layers.stack(networks), chips[:, None])
    for i, network in enumerate(networks):
        expected = walk(network, chips[i])
        for name, ours in (
            ("compute", found.compute_s[i]),
            ("vector", found.vector_s[i]),
            ("near", moved.near[i]),
            ("far", moved.far[i]),
            ("dram", moved.dram[i]),
            ("dram_s", found.dram_s[i]),
        ):
            assert list(ours) == pytest.approx([row[name] for row in expected], rel=1e-12), name
    far_s = moved.far / chips.far_bytes_per_s[:, None]
    near_s = moved.near / chips.near_bytes_per_s[:, None]
    assert np.array_equal(found.on_chip_s, np.maximum(near_s, far_s))
    assert (moved.far > 0).any()
    assert is_fused(Layers.stack(networks), chips[:, None]).any()


# ---- by hand


def test_a_matrix_product_that_fills_its_tiles() -> None:
    """64 x 64 channels on 16 x 16 pixels: 2^20 MACs at 10^12 a second."""
    layers = conv(64, 16, 64)
    found = cost(layers)
    assert found.macs == 2**20
    assert found.compute_s == pytest.approx(2**20 / 1e12)
    # in and out once, weights stay: 2 x 64 x 256 values of two bytes
    assert found.dram_bytes == 2 * 64 * 256 * 2
    assert found.dram_s == pytest.approx(65536 / 10e9)
    assert found.bound == Bound.DRAM
    assert found.latency_s == found.dram_s


def test_sides_are_padded_to_the_tile() -> None:
    """3 x 3 pixels, 5 channels to 17: (16, 32, 8) are computed for (9, 17, 5)."""
    assert matrix_s(conv(5, 3, 17), chip()) == pytest.approx(16 * 32 * 8 / 1e12)
    # a batch fills the rows: 4 x 9 = 36 of 40
    assert matrix_s(conv(5, 3, 17), chip(batch=4)) == pytest.approx(40 * 32 * 8 / 1e12)


def test_depthwise_runs_where_it_takes_less() -> None:
    """One channel in and out, 9 taps deep: a tile of (8, 16, 12) for (8, 1, 9) a group."""
    net = Builder("depthwise", (32, 8, 8))
    net.conv("input", 32, "a", kernel=3, groups=32)
    layers = net.build().layers
    matrix, vector = 32 * 64 * 16 * 12 / 1e12, 32 * 64 * 9 / 0.1e12
    assert matrix_s(layers, chip()) == pytest.approx(matrix)
    assert vector_s(layers, chip()) == pytest.approx(vector)
    found = cost(layers)
    assert (found.compute_s, found.vector_s) == (0, pytest.approx(vector))
    found = cost(layers, vector_tops=0.02)  # slower than a nearly empty matrix unit
    assert (found.compute_s, found.vector_s) == (pytest.approx(matrix), 0)


def test_efficiency_depends_on_the_size_of_the_work() -> None:
    """Work W reaches best * W / (W + half); the published A100 table, GFLOP and MB."""
    a100 = find_device_file("a100-80gb").columns()
    for gflop, fraction in ((1, 0.6), (16, 0.9), (128, 0.95)):
        ours = a100.matrix_efficiency * gflop / (gflop + a100.matrix_half_macs * 2 / 1e9)
        assert ours == pytest.approx(fraction, abs=0.02)
    for gflop, fraction in ((1, 0.5), (16, 0.95)):
        ours = a100.vector_efficiency * gflop / (gflop + a100.vector_half_macs * 2 / 1e9)
        assert ours == pytest.approx(fraction, abs=0.06)
    for megabytes, fraction in ((1, 0.6), (10, 0.75), (100, 0.9)):
        ours = a100.dram_efficiency * megabytes / (megabytes + a100.dram_half_bytes / 1e6)
        assert ours == pytest.approx(fraction, abs=0.11)


def test_launches_bound_small_layers() -> None:
    found = cost(conv(8, 4, 8), launch_us=5)
    assert found.bound == Bound.INSTRUCTION
    assert found.latency_s == pytest.approx(5e-6)


def test_energy_is_power_over_the_time() -> None:
    found = cost(conv(64, 16, 64), tdp_w=100)
    assert found.energy_j == pytest.approx(100 * found.latency_s)
    assert cost(conv(64, 16, 64)).energy_j == 0  # not published


# ---- what stays on chip


def two_layers() -> Layers:
    net = Builder("two", (4, 8, 8))
    x = net.conv("input", 8, "a", kernel=3)
    net.conv(x, 4, "b")
    return net.build().layers


def moved(**changes: object) -> list[float]:
    return list(traffic(two_layers(), chip(**changes)).dram)


def test_activations_and_weights_stay_where_they_fit() -> None:
    """Ends: 4 x 64 values; between: 8 x 64; weights 4 x 8 x 9 and 8 x 4; two bytes each."""
    ends, between, weights = 4 * 64 * 2, 8 * 64 * 2, [4 * 8 * 9 * 2, 8 * 4 * 2]
    assert moved() == [ends, ends]
    # inputs and outputs of either layer: 1,536 bytes, in a half
    assert moved(near_memory_mib=3072 / 2**20) == [ends, ends]
    assert moved(near_memory_mib=3071 / 2**20) == [ends + between, between + ends]
    small = moved(near_memory_mib=1279 / 2**20)  # half is one byte short of all weights, 640
    assert small == [ends + between + weights[0], between + ends + weights[1]]


def test_a_batch_of_activations_must_fit_but_weights_count_once() -> None:
    ends, between = 4 * 64 * 2, 8 * 64 * 2
    assert moved(near_memory_mib=3072 / 2**20, batch=2) == [2 * (ends + between)] * 2


def test_a_far_memory_takes_what_the_near_one_cannot() -> None:
    near = 1279 / 2**20
    without = traffic(two_layers(), chip(near_memory_mib=near))
    far = traffic(two_layers(), chip(near_memory_mib=near, far_memory_mib=1, far_gb_per_s=100))
    assert list(far.dram) == [4 * 64 * 2] * 2
    assert np.array_equal(far.far + far.dram, without.dram)
    assert np.array_equal(far.near, without.near)
    found = RooflineModel()(
        two_layers(), chip(near_memory_mib=near, far_memory_mib=1, far_gb_per_s=100)
    )
    assert found.on_chip_s == pytest.approx(far.far / 100e9)


def test_tpu_v4i_keeps_in_cmem_what_tpu_v3_streams() -> None:
    layers = find_network("resnet-50").layers
    v3, v4i = (traffic(layers, find_device_file(n).columns()[None]) for n in ("tpu-v3", "tpu-v4i"))
    image = 3 * 224 * 224 * 2
    assert v4i.dram.sum() == image + 1000 * 2
    assert v3.dram.sum() > layers.weights.sum() * 2  # 51 MB of weights and half of 32 MiB
    assert v4i.far.sum() >= layers.weights.sum() * 2


def test_an_addition_is_fused_to_what_it_follows() -> None:
    net = Builder("residual", (8, 8, 8))
    x = net.conv("input", 8, "a", kernel=3)
    net.add(x, "input", name="sum")
    layers = net.build().layers
    assert is_fused(layers, chip()).tolist() == [False, True]
    size, weights = 8 * 64 * 2, 8 * 8 * 9 * 2
    found = traffic(layers, chip(near_memory_mib=16 / 2**20))  # nothing fits
    assert list(found.dram) == [size + weights, size + size]  # the other operand and the sum
    assert RooflineModel()(layers, chip(launch_us=1)).instruction_s.tolist() == [1e-6, 0]


def test_products_of_activations_read_both_sides() -> None:
    net = Builder("attention", (6, 8))
    net.matmul("input", net.transpose("input", (1, 0), "t"), "product")
    layers = net.build().layers[-1:]
    found = cost(layers, batch=3, near_memory_mib=1 / 2**20)
    assert found.macs == 3 * 6 * 6 * 8
    assert found.dram_bytes == 3 * (6 * 8 + 8 * 6 + 6 * 6) * 2
    assert found.compute_s == pytest.approx(
        3 * 8 * 16 * 8 / 1e12
    )  # (6, 6, 8) in tiles of (8, 16, 4)
