"""The DPU model: properties, an oracle in plain Python, and times worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from tests.cost.dpu_oracle import pass_s, walk, with_others

from cosearch.cost.cost import Cost
from cosearch.cost.dpu.model import DpuModel
from cosearch.cost.dpu.sharing import others_met
from cosearch.cost.models import find_device
from cosearch.families import MobileFamily
from cosearch.hardware import devices, find_device_file
from cosearch.hardware.dpu import DpuFile, Dpus
from cosearch.networks import Builder, Kind, Layers
from cosearch.testing import check_cost_model
from cosearch.zoo import find_network

SHIPPED = [name for name, file in devices().items() if file.kind == "dpu"]
# 1,024 MACs and 16 taps a cycle of 1 ns, 1 KiB a bank, 1 byte a nanosecond; nothing else limits.
PLAIN = DpuFile(
    conv_lanes=(4, 16, 16),
    conv_clock_mhz=1000,
    alu_lanes=(2, 8),
    clock_mhz=1000,
    bank_kib=1,
    dram_gb_per_s=1,
)
NS = 1e-9


def chip(**changes: object) -> Dpus:
    return DpuFile(**{**PLAIN.model_dump(), **changes}).columns()[None]  # type: ignore[arg-type]


def cost(net: Builder, **changes: object) -> Cost:
    return DpuModel()(net.build().layers, chip(**changes))


def random_chips(rng: np.random.Generator, count: int) -> Dpus:
    """Shipped devices, every resource up to 8 times more or less, of all numbers of cores."""
    chips = Dpus.stack([find_device_file(name).columns() for name in rng.choice(SHIPPED, count)])
    scaled = ("conv_clock_hz", "clock_hz", "bank_bytes", "dram_bytes_per_s", "requests_per_s")
    changes = {name: getattr(chips, name) * 2.0 ** rng.uniform(-3, 3, count) for name in scaled}
    slow = rng.choice([1e6, np.inf], count)
    ports = rng.choice([3e9, np.inf], count)
    return replace(
        chips,
        **changes,
        groups_per_s=slow,
        port_bytes_per_s=ports,
        cores=rng.integers(1, 6, count),
        batch=rng.integers(1, 7, count),
        alu_pixels=rng.integers(1, 9, count),
    )


def random_layers(rng: np.random.Generator, count: int) -> Layers:
    """Rows of all kinds, some repeated, some padding; many depthwise after dense ones."""
    kind = rng.choice([0, 0, 0, 0, 1, 2, 3], count)
    depthwise = (kind == Kind.MAC) & (rng.random(count) < 0.5)
    vector = (kind == Kind.POOL) | (kind == Kind.ELEMENTWISE)
    grouped = np.where(vector | depthwise, 16, rng.choice([1, 1, 1, 4], count))
    size = rng.choice([1, 4, 8, 40], count, p=(0.2, 0.3, 0.4, 0.1))
    window = np.where(kind == Kind.ELEMENTWISE, 1, rng.choice([1, 3], count))
    pooled = (kind == Kind.POOL) & (rng.random(count) < 0.5)
    return Layers(
        kind=kind,
        groups=grouped,
        out_channels=np.where(vector | depthwise, 1, rng.choice([4, 16, 40], count)),
        in_channels=np.where(vector | depthwise, 1, rng.choice([4, 16, 40], count)),
        out_y=np.where(pooled, 1, size),
        out_x=np.where(pooled, 1, size),
        in_y=size,
        in_x=size,
        kernel_y=np.where(pooled, size, window),
        kernel_x=np.where(pooled, size, window),
        stride=np.ones(count, dtype=int),
        dilation=np.ones(count, dtype=int),
        operands=np.where(kind == Kind.ELEMENTWISE, rng.integers(1, 4, count), 1),
        repeat=rng.choice([0, 1, 1, 3], count),
    )


# ---- properties


@pytest.mark.parametrize(("size", "seed"), [(8, 0), (32, 1), (224, 2)])
def test_conformance(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    family = MobileFamily.for_images(3, size, 10)
    layers = family.decode(family.space.sample(rng, 16))
    check_cost_model(DpuModel(), layers, random_chips(rng, 16))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_device_runs_everything(name: str) -> None:
    device = find_device(name)
    for network in ("mobilenet-v2-1.0", "efficientnet-b0", "vit-ti"):
        found = device(find_network(network).layers)
        assert all(np.isfinite(column).all() for _, column in found.items())
        assert found.sum().latency_s > 0
    assert "nferred from development rows" in device.file.source


def test_nothing_takes_no_time() -> None:
    layers = find_network("mobilenet-v2-1.0").layers
    empty = replace(layers, repeat=np.zeros_like(layers.repeat))
    found = DpuModel()(empty, find_device_file("zcu102-dpu").columns()[None])
    assert not found.latency_s.any()


# ---- against the same in plain Python


@pytest.mark.parametrize("seed", range(40))
def test_equals_the_oracle(seed: int) -> None:
    rng = np.random.default_rng(seed)
    layers, chips = random_layers(rng, 12), random_chips(rng, 1)
    chips = replace(chips, bank_bytes=2.0 ** rng.uniform(5, 10, 1))
    found = DpuModel()(layers, chips)
    runs = layers.repeat > 0
    alone = DpuModel()(layers, replace(chips, cores=np.array([1])))
    for name, place in (("latency_s", 0), ("dram_s", 1), ("dram_bytes", 2)):
        expected = [row[place] for row in walk(layers, _scalars(chips))]
        np.testing.assert_allclose(getattr(alone, name)[runs], expected, rtol=1e-9)
    assert found.sum().latency_s == pytest.approx(pass_s(layers, chips[0]), rel=1e-9)


def _scalars(chips: Dpus):  # type: ignore[no-untyped-def]
    from types import SimpleNamespace

    return SimpleNamespace(**{name: column.item() for name, column in chips.items()})


@pytest.mark.parametrize("cores", [1, 2, 3, 8])
def test_cores_wait_as_a_repair_model_says(cores: int) -> None:
    alone, dram = np.array(5.0), np.array(3.0)
    met = others_met(alone, dram, np.array(cores))
    assert alone + dram * met == pytest.approx(with_others(5.0, 3.0, cores))
    assert others_met(alone, np.array(0.0), np.array(cores)) == 0
    only = others_met(dram, dram, np.array(cores))  # nothing but DRAM: they wait for all others
    assert only == pytest.approx(cores - 1)


# ---- by hand


def test_a_depthwise_convolution_takes_its_taps() -> None:
    net = Builder("one", (20, 6, 6))
    net.conv("input", 20, "a", kernel=5, groups=20)
    found = cost(net, dram_gb_per_s=1e5)
    # 20 channels in 3 rounds of 8, rows of 6 pixels in 3 of 2, 25 taps
    assert found.latency_s[0] == pytest.approx(3 * 6 * 3 * 25 * NS)
    assert found.vector_s[0] == found.latency_s[0]
    assert found.compute_s[0] == 0


def test_a_convolution_fills_its_lanes() -> None:
    net = Builder("one", (20, 6, 6))
    net.conv("input", 40, "a", kernel=3)
    found = cost(net, dram_gb_per_s=1e5)
    assert found.latency_s[0] == pytest.approx(2 * 3 * 6 * 2 * 9 * NS)


def test_maps_that_fit_stay_and_a_depthwise_one_is_fed_piece_by_piece() -> None:
    net = Builder("block", (4, 8, 8))  # 256 bytes
    net.conv("input", 32, "expand")  # 2,048 bytes: more than a bank
    net.conv("expand", 32, "depthwise", kernel=3, groups=32)
    net.conv("depthwise", 4, "project")
    found = cost(net)
    assert found.dram_bytes.tolist() == [256 + 128, 288 + 2048, 2048 + 128 + 256]
    roomy = cost(net, bank_kib=2)
    assert roomy.dram_bytes.tolist() == [256 + 128, 288, 128 + 256]


def test_a_gated_map_that_fits_waits_and_one_that_does_not_is_pooled_in_slices() -> None:
    net = Builder("gate", (32, 8, 8))
    net.conv("input", 32, "depthwise", kernel=3, groups=32)
    net.global_pool("depthwise", "pool")
    net.conv("pool", 32, "gate")
    net.mul("depthwise", "gate", "mul")
    net.conv("mul", 4, "project")
    small = cost(net, request_ns=100)  # two of four groups of channels fit: 2 slices of 64 pixels
    assert small.dram_bytes.tolist() == [2048 * 2 + 288, 2048, 1024, 2048 * 2, 2048 + 128 + 256]
    assert small.dram_s[1] == pytest.approx(128 * 100 * NS)  # more than 2048 bytes take
    assert small.latency_s[1] == small.dram_s[1]
    tiny = cost(net, request_ns=100, bank_kib=0.5)  # one fits: loaded, then pooled
    assert tiny.latency_s[1] == pytest.approx(256 * 100 * NS + 4 * 64 * NS)
    roomy = cost(net, request_ns=100, bank_kib=2)
    assert roomy.dram_bytes.tolist() == [2048 + 288, 0, 1024, 0, 128 + 256]
    assert roomy.latency_s[1] == pytest.approx(4 * 64 * NS)


def test_a_shortcut_waits_in_dram() -> None:
    net = Builder("shortcut", (4, 8, 8))
    net.conv("input", 4, "first")
    net.conv("first", 4, "second")
    net.add("second", "first", name="sum")
    assert cost(net).dram_bytes.tolist() == [256 + 16, 16, 2 * 256 + 256]


def test_pools_over_large_maps_take_longer_a_tap() -> None:
    slow = {"large_pool_cycles": 3, "bank_kib": 64, "dram_gb_per_s": 1e5}
    for size, cycles in ((32, 1), (40, 3)):
        net = Builder("pool", (8, size, size))
        net.global_pool("input", "pool")
        assert cost(net, **slow).vector_s[0] == pytest.approx(cycles * size * size * NS)


def test_weights_are_loaded_once_a_batch() -> None:
    net = Builder("one", (16, 4, 4))
    net.conv("input", 16, "a", kernel=3)
    one, six = cost(net), cost(net, batch=6)
    assert one.dram_bytes[0] == 512 + 2304
    assert six.dram_bytes[0] == 6 * 512 + 2304
    assert six.compute_s[0] == one.compute_s[0]


def test_operators_are_issued_by_groups_of_channels() -> None:
    net = Builder("one", (16, 1, 1))
    net.conv("input", 33, "a")
    found = cost(net, operator_us=2, group_us=3, dram_gb_per_s=1e5)
    assert found.instruction_s[0] == pytest.approx(2e-6 + 5 * 3e-6)


def test_weights_have_a_port_of_their_own() -> None:
    net = Builder("one", (16, 1, 1))
    net.conv("input", 64, "a")
    found = cost(net, port_gb_per_s=0.5, weight_gb_per_s=0.25)
    assert found.dram_s[0] == pytest.approx((16 + 64) / 0.5 * NS + 1024 / 0.25 * NS)


# Images a second on the ZCU102 with many threads: model zoo of Vitis AI 2.5.
ZOO = {"mobilenet-v1-1.0": 951, "mobilenet-v2-1.0": 707, "mobilenet-v2-1.4": 473, "resnet-50": 173}


@pytest.mark.parametrize("network", ZOO)
def test_throughput_is_about_what_is_published(network: str) -> None:
    seconds = find_device("zcu102-dpu")(find_network(network).layers).sum().latency_s
    assert 3 / seconds == pytest.approx(ZOO[network], rel=0.25)


def test_peaks_are_the_published_ones() -> None:
    assert find_device_file("vck190-dpu").peak_ops_per_s == pytest.approx(61.44e12)  # PG389
    assert 3 * find_device_file("zcu102-dpu").peak_ops_per_s == pytest.approx(3.45e12, rel=5e-3)
