"""The technology tables: complete, sourced, sane between and beyond their rows."""

import numpy as np
import pytest

from cosearch.errors import CosearchError
from cosearch.hardware import technology
from cosearch.hardware.technology import dram_kinds
from cosearch.hardware.technology.constants import constant, constants, parse
from cosearch.hardware.technology.sram import SRAM_CELLS, sram
from cosearch.units import KIB, MIB

NODES = (65, 45, 32, 28, 22, 16, 7)
ROW = {"name": "x", "value": 1.0, "unit": "J", "node_nm": 22, "spread": [1, 1], "source": "y"}


@pytest.mark.parametrize("key", ["value", "unit", "spread", "source"])
def test_a_constant_that_lacks_something_is_refused(key: str) -> None:
    row = {name: value for name, value in ROW.items() if name != key}
    with pytest.raises(CosearchError, match=f"'x' lacks {key}"):
        parse({"constants": [row]})


def test_a_constant_with_an_empty_source_is_refused() -> None:
    with pytest.raises(CosearchError, match="'x' lacks source"):
        parse({"constants": [{**ROW, "source": ""}]})


def test_a_spread_below_one_is_refused() -> None:
    with pytest.raises(CosearchError, match="'x': spread"):
        parse({"constants": [{**ROW, "spread": [0.5, 2]}]})


def test_rows_of_one_name_differ_in_node_only() -> None:
    for rows in constants().values():
        assert len({row.node_nm for row in rows}) == len(rows)
        assert len({row.unit for row in rows}) == 1


@pytest.mark.parametrize("node_nm", [5, 6.9, 65.1, 90, float("nan")])
def test_a_node_outside_the_tables_is_refused(node_nm: float) -> None:
    with pytest.raises(CosearchError, match="allowed are 7 to 65 nm"):
        technology(node_nm)


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(CosearchError, match="DRAM 'SDRAM': allowed are LPDDR4"):
        technology(dram="SDRAM")
    with pytest.raises(CosearchError, match="SRAM cells 'hp': allowed are itrs-lstp, itrs-hp"):
        technology(cells="hp")


@pytest.mark.parametrize("cells", SRAM_CELLS)
def test_smaller_nodes_never_cost_more(cells: str) -> None:
    """Energy and area fall with the node, interpolated nodes included; leakage need not."""
    size, width = np.array([1.0, 8, 64, 1024, 16384]) * KIB, np.array([8.0, 16, 32, 64, 128])
    nodes = np.linspace(65, 7, 59)
    rows = []
    for node in nodes:
        tech = technology(float(node), cells=cells)
        numbers = (tech.int8_mac_energy_j, tech.int8_mac_area_mm2, tech.bf16_mac_energy_j)
        more = (tech.bf16_mac_area_mm2, tech.register_energy_j_per_byte)
        fits = (tech.sram_read_j, tech.sram_write_j, tech.sram_area_mm2)
        sram_values = np.concatenate([fit(size[:, None], width).ravel() for fit in fits])
        rows.append([*numbers, *more, tech.wire_energy_j_per_byte_mm, *sram_values])
    assert (np.diff(np.array(rows), axis=0) <= 1e-12 * np.array(rows)[1:]).all()


@pytest.mark.parametrize("node_nm", NODES)
def test_macros_never_shrink_when_they_grow(node_nm: float) -> None:
    """Area and leakage over all capacities and widths, beyond the sweep too."""
    size = np.geomspace(64, 256 * MIB, 200)[:, None]
    width = np.geomspace(1, 128, 50)
    tech = technology(node_nm)
    area, leakage = tech.sram_area_mm2(size, width), tech.sram_leakage_w(size, width)
    assert (np.diff(area, axis=0) >= 0).all()
    assert (np.diff(area, axis=1) >= 0).all()
    assert (np.diff(leakage, axis=0) >= 0).all()


@pytest.mark.parametrize("node_nm", NODES)
def test_a_wider_or_larger_macro_never_takes_less_energy(node_nm: float) -> None:
    size = np.geomspace(1 * KIB, 256 * MIB, 100)[:, None]
    width = np.geomspace(8, 128, 30)
    tech = technology(node_nm)
    for fit in (tech.sram_read_j, tech.sram_write_j):
        energy = fit(size, width)
        assert (np.diff(energy, axis=0) >= 0).all()
        assert (np.diff(energy, axis=1) >= 0).all()


def test_between_two_rows_lies_a_power_law_and_between_two_macros_their_mean() -> None:
    both = np.sqrt(constant("wire_energy_j", 14).value * constant("wire_energy_j", 20).value)
    assert constant("wire_energy_j", np.sqrt(14 * 20)).value == pytest.approx(both)
    size, width = np.array(64.0 * KIB), np.array(32.0)
    ends = [sram("read_j", node, "itrs-lstp")[0](size, width) for node in (22, 32)]
    middle = sram("read_j", 27, "itrs-lstp")[0](size, width)
    assert middle == pytest.approx((ends[0] + ends[1]) / 2)


def test_below_22_nm_the_macros_follow_the_stated_rule() -> None:
    size, width = np.array(64.0 * KIB), np.array(32.0)
    at_22, at_7 = technology(22), technology(7)
    ratio = 7 / 22
    assert at_7.sram_area_mm2(size, width) == pytest.approx(
        ratio * at_22.sram_area_mm2(size, width)
    )
    assert at_7.sram_read_j(size, width) == pytest.approx(
        ratio**0.5 * at_22.sram_read_j(size, width)
    )
    assert at_7.sram_leakage_w(size, width) == pytest.approx(
        0.79 * ratio**0.5 * at_22.sram_leakage_w(size, width)
    )


def test_low_and_high_enclose_every_constant() -> None:
    tech = technology(16)
    for name, (down, up) in tech.spread.items():
        value = getattr(tech, name)
        if name.startswith("sram_"):
            continue
        assert getattr(tech.low, name) == pytest.approx(value / down)
        assert getattr(tech.high, name) == pytest.approx(value * up)
    size, width = np.array(64.0 * KIB), np.array(32.0)
    low, high = tech.low.sram_area_mm2(size, width), tech.high.sram_area_mm2(size, width)
    assert low < tech.sram_area_mm2(size, width) < high


def test_every_kind_of_dram_has_an_energy() -> None:
    assert {"LPDDR4", "DDR3", "HBM2", "HBM3"} <= set(dram_kinds())
    lpddr4 = technology().dram_energy_j_per_byte
    assert lpddr4 == pytest.approx(64e-12)
    assert technology(dram="HBM2").dram_energy_j_per_byte < lpddr4
