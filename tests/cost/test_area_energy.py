"""Area and energy by component: they add up from two sides, and never fall where they must not."""

from dataclasses import replace

import numpy as np
import pytest

from cosearch.cost import EdgeModel
from cosearch.cost.area import (
    area_by_component_mm2,
    area_mm2,
    area_spread_mm2,
    off_chip_area_mm2,
    on_chip_area_mm2,
)
from cosearch.cost.energy import (
    energy_by_component_j,
    energy_j,
    energy_spread_j,
    off_chip_energy_j,
    off_leakage_w,
    on_chip_energy_j,
    on_leakage_w,
)
from cosearch.hardware import Accelerators, ChipFile, devices, find_chip, technology
from cosearch.networks import Builder

# not the memories: a wide port has a least area, whatever the capacity behind it
STRICT = ("pes_x", "pes_y", "cores", "lanes", "simd_width", "dram_bytes_per_s")
ON = ("pes_x", "pes_y", "cores", "lanes", "simd_width", "core_memory_bytes", "pe_memory_bytes")
OFF = (
    "instruction_memory_bytes",
    "parameter_memory_bytes",
    "activation_memory_bytes",
    "dram_bytes_per_s",
)
ON_COUNTS = ("macs", "core_bytes", "read_bytes", "written_bytes")
OFF_COUNTS = ("staged_bytes", "dram_bytes")


@pytest.fixture
def chips() -> Accelerators:
    """500 chips from the ranges of both published spaces, (n,), both precisions."""
    rng, n = np.random.default_rng(0), 500
    sizes = (1, 2, 4, 6, 8, 10, 12, 14, 16, 32)
    powers = {
        "core_memory_bytes": (8, 22),
        "pe_memory_bytes": (12, 24),
        "instruction_memory_bytes": (13, 16),
        "parameter_memory_bytes": (11, 15),
        "activation_memory_bytes": (8, 14),
    }
    return Accelerators(
        pes_x=rng.choice(sizes, n),
        pes_y=rng.choice(sizes, n),
        cores=rng.choice(sizes, n),
        lanes=rng.choice((4, 16, 64, 256), n),
        simd_width=rng.choice((1, 4, 16), n),
        **{name: 2.0 ** rng.integers(low, high + 1, n) for name, (low, high) in powers.items()},
        dram_bytes_per_s=rng.choice((5e9, 10e9, 30e9), n),
        clock_hz=np.full(n, 0.8e9),
        operand_bytes=rng.choice((1, 2), n),
    )


@pytest.fixture
def counts() -> dict[str, np.ndarray]:
    """Made-up access counts of those chips, (n,)."""
    rng = np.random.default_rng(1)
    names = (*ON_COUNTS, *OFF_COUNTS)
    return {name: rng.uniform(1e6, 1e9, 500) for name in names} | {"latency_s": np.full(500, 1e-3)}


def test_baseline_reaches_its_published_peak() -> None:
    assert float(find_chip("nahas-baseline").columns().peak_ops_per_s) == pytest.approx(
        26.2e12, rel=0.01
    )


@pytest.mark.parametrize("node_nm", [45, 22, 7])
def test_area_never_falls_when_a_resource_grows(chips: Accelerators, node_nm: float) -> None:
    tech = technology(node_nm)
    before = area_mm2(chips, tech)
    assert (before > 0).all()
    for name in (*ON, *OFF, "clock_hz"):
        for factor in (2, 3):
            larger = replace(chips, **{name: getattr(chips, name) * factor})
            after = area_mm2(larger, tech)
            assert (after >= before * (1 - 1e-12)).all(), name
            assert name not in STRICT or (after > before).all(), name


def test_each_side_of_area_and_energy_ignores_the_other(
    chips: Accelerators, counts: dict[str, np.ndarray]
) -> None:
    """What lets the exact sweep add up two tables."""
    tech = technology()
    on_counts = {name: counts[name] for name in ON_COUNTS}
    off_counts = {name: counts[name] for name in OFF_COUNTS}

    def on_side(made: Accelerators) -> list[np.ndarray]:
        energy = on_chip_energy_j(made, tech, **on_counts)
        return [on_chip_area_mm2(made, tech), on_leakage_w(made, tech), energy]

    def off_side(made: Accelerators) -> list[np.ndarray]:
        energy = off_chip_energy_j(made, tech, **off_counts)
        return [off_chip_area_mm2(made, tech), off_leakage_w(made, tech), energy]

    on_before, off_before = on_side(chips), off_side(chips)
    off_changed = replace(chips, **{name: getattr(chips, name) * 4 for name in OFF})
    on_changed = replace(chips, **{name: getattr(chips, name) * 4 for name in ON})
    assert all(map(np.array_equal, on_side(off_changed), on_before))
    assert all(map(np.array_equal, off_side(on_changed), off_before))


def test_the_two_sides_add_up(chips: Accelerators, counts: dict[str, np.ndarray]) -> None:
    tech = technology()
    assert np.allclose(
        area_mm2(chips, tech), on_chip_area_mm2(chips, tech) + off_chip_area_mm2(chips, tech)
    )
    parts = on_chip_energy_j(chips, tech, **{name: counts[name] for name in ON_COUNTS})
    parts = parts + off_chip_energy_j(chips, tech, **{name: counts[name] for name in OFF_COUNTS})
    leakage = on_leakage_w(chips, tech) + off_leakage_w(chips, tech)
    total = energy_j(chips, tech, **counts)
    assert np.allclose(total, parts + leakage * counts["latency_s"], rtol=1e-12)
    components = energy_by_component_j(chips, tech, **counts)
    assert np.allclose(total, sum(components.values()), rtol=1e-12)
    assert all((part > 0).all() for part in components.values())


def test_energy_of_one_chip_by_hand() -> None:
    """Every access of the small chip counted and priced apart, at the tables' own figures."""
    chip, tech = find_chip("small-edge").columns(), technology()
    core, pe = np.array(8 * 1024.0), np.array(512 * 1024.0)
    core_port, pe_port = np.array(16 * 4.0), np.array(2 * 16.0)
    side_mm = np.sqrt(on_chip_area_mm2(chip, tech))
    wire = tech.wire_energy_j_per_byte_mm
    staged = [
        tech.sram_write_j(np.array(size), np.array(port)) / port
        + tech.sram_read_j(np.array(size), np.array(port)) / port
        for size, port in ((16384.0, 32.0), (1024.0, 16.0))  # 1 KiB has 64 rows of 16 B
    ]
    expected = (
        1000 * (tech.int8_mac_energy_j + 3 * tech.register_energy_j_per_byte)  # 1 B + 8 B / 4
        + 1001 * tech.sram_read_j(core, core_port) / core_port
        + 1002 * (tech.sram_read_j(pe, pe_port) / pe_port + side_mm / 2 * wire)
        + 1003 * (tech.sram_write_j(pe, pe_port) / pe_port + side_mm / 2 * wire)
        + 1004 * (sum(staged) / 2 + 3 * wire)
        + 1005 * 64e-12
        + 1e-6 * (on_leakage_w(chip, tech) + off_leakage_w(chip, tech))
    )
    numbers = (1000, 1001, 1002, 1003, 1004, 1005, 1e-6)
    counts = dict(zip((*ON_COUNTS, *OFF_COUNTS, "latency_s"), map(np.array, numbers), strict=True))
    assert energy_j(chip, tech, **counts) == pytest.approx(float(expected))


def test_bf16_takes_more_of_both(counts: dict[str, np.ndarray], chips: Accelerators) -> None:
    tech = technology()
    int8, bf16 = (replace(chips, operand_bytes=np.full(500, size)) for size in (1, 2))
    assert (area_mm2(bf16, tech) > area_mm2(int8, tech)).all()
    macs = [energy_by_component_j(made, tech, **counts)["MACs"] for made in (int8, bf16)]
    assert (macs[1] > 2 * macs[0]).all()


def test_spreads_enclose_the_figures(chips: Accelerators, counts: dict[str, np.ndarray]) -> None:
    tech = technology()
    least, most = area_spread_mm2(chips, tech)
    assert (least < area_mm2(chips, tech)).all()
    assert (area_mm2(chips, tech) < most).all()
    least, most = energy_spread_j(chips, tech, **counts)
    assert (least < energy_j(chips, tech, **counts)).all()
    assert (energy_j(chips, tech, **counts) < most).all()


def test_a_layer_costs_more_than_its_macs_and_its_dram() -> None:
    """1x1 convolution, everything resident but the ends."""
    net = Builder("one", (64, 16, 16))
    net.conv("input", 64, "a")
    chip = find_chip("small-edge").columns()
    cost = EdgeModel()(net.build().layers, chip[None])[0]
    tech = technology()
    macs = 64 * 64 * 256
    assert cost.macs == macs
    assert cost.dram_bytes >= 2 * 64 * 256
    floor = macs * tech.int8_mac_energy_j + cost.dram_bytes * tech.dram_energy_j_per_byte
    assert floor < cost.energy_j < 4 * floor


def test_area_is_the_sum_of_its_parts() -> None:
    for file in devices().values():
        if not isinstance(file, ChipFile):
            continue
        chip = file.columns()
        parts = area_by_component_mm2(chip, technology())
        net = Builder("one", (4, 8, 8))
        net.conv("input", 4, "a")
        total = EdgeModel()(net.build().layers, chip[None]).sum(-1).area_mm2
        assert sum(float(part) for part in parts.values()) == pytest.approx(float(total))
