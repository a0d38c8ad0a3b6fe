"""Anchors for area and energy, and the data file's guard."""

import csv
from pathlib import Path

import numpy as np
import pytest

from cosearch.cost import EdgeModel
from cosearch.cost.area import area_by_component_mm2, sram_area_mm2
from cosearch.cost.energy import sram_read_j_per_byte, sram_write_j_per_byte
from cosearch.errors import CosearchError
from cosearch.hardware import ChipFile, devices, find_chip, technology
from cosearch.hardware.technology import parse
from cosearch.networks import Builder


def test_baseline_reaches_its_published_peak() -> None:
    assert float(find_chip("nahas-baseline").columns().peak_ops_per_s) == pytest.approx(
        26.2e12, rel=0.01
    )


@pytest.mark.parametrize("kind", ["area", "read", "write"])
def test_sram_fits_hold_on_the_cacti_sweep(kind: str, reference_data: Path) -> None:
    """Mean error of the shipped fits at 22 nm on the sweep they were made from: 15 % or less."""
    path = reference_data / "technology" / "cacti7_sram_sweep.csv"
    if not path.exists():
        pytest.skip(f"no {path}")
    rows = [
        r for r in csv.DictReader(path.open()) if r["tech"] == "0.022" and r["cell"] == "itrs-lstp"
    ]
    size = np.array([float(r["size"]) for r in rows])
    width = np.array([float(r["blk"]) for r in rows])
    column, scale = {
        "area": ("area_mm2", 1.0),
        "read": ("rd_pJ", 1e-12),
        "write": ("wr_pJ", 1e-12),
    }[kind]
    truth = np.array([float(r[column]) for r in rows]) * scale
    tech = technology()
    fit = {
        "area": lambda: sram_area_mm2(size, width, tech),
        "read": lambda: sram_read_j_per_byte(size, width, tech) * width,
        "write": lambda: sram_write_j_per_byte(size, width, tech) * width,
    }[kind]()
    assert len(rows) > 50
    assert np.mean(np.abs(fit / truth - 1)) < 0.15


def test_energy_of_a_layer_by_hand() -> None:
    """1x1 convolution, everything resident but the ends: each access counted by hand."""
    net = Builder("one", (64, 16, 16))
    net.conv("input", 64, "a")
    chip = find_chip("small-edge").columns()
    cost = EdgeModel()(net.build().layers, chip[None])[0]
    tech = technology()
    macs = 64 * 64 * 256
    assert cost.macs == macs
    assert cost.dram_bytes == 2 * 64 * 256
    floor = macs * tech.mac_energy_j + cost.dram_bytes * tech.dram_energy_j_per_byte
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


def test_a_constant_without_source_is_refused() -> None:
    row = {"name": "x", "value": 1.0, "unit": "J", "node_nm": 22}
    with pytest.raises(CosearchError, match="'x' lacks source"):
        parse({"node_nm": 22, "constants": [row]})
