"""MAC units and registers of a node: sourced 40 nm and 45 nm rows, scaled."""

from __future__ import annotations

from typing import NamedTuple

from cosearch.hardware.technology.constants import Sourced, constant


class Mac(NamedTuple):
    """One multiply-accumulate unit."""

    energy_j: float
    area_mm2: float
    leakage_w: float


def integer_mac(node_nm: float, multiplier_bits: float, sum_bits: float) -> Mac:
    """An integer MAC of any width: a multiplier goes with the square of it, an adder with it."""
    energy, area = constant("logic_energy_scale", node_nm), constant("logic_area_scale", node_nm)
    scale = {"energy_j": energy.value, "area_mm2": area.value, "leakage_w": energy.value}
    square, line = (multiplier_bits / 32) ** 2, sum_bits / 32
    parts = {
        name: factor
        * (
            constant(f"integer_multiplier_{name}").value * square
            + constant(f"integer_adder_{name}").value * line
        )
        for name, factor in scale.items()
    }
    return Mac(**parts)


def logic(node_nm: float) -> dict[str, Sourced]:
    """MACs and registers at a node."""
    integer = integer_mac(node_nm, 8, 32)
    energy, area = constant("bf16_mac_energy_j", node_nm), constant("bf16_mac_area_mm2", node_nm)
    scale = {s: constant(f"logic_{s}_scale", node_nm).value for s in ("energy", "area")}
    register, cell = constant("register_energy_j"), constant("register_area_mm2")
    leakage = constant("integer_adder_leakage_w").spread
    macs: dict[str, Sourced] = {
        f"int8_mac_{name}": (value, constant(f"integer_multiplier_{name}").spread)
        for name, value in integer._asdict().items()
    }
    return {
        **macs,
        "bf16_mac_energy_j": (energy.value, energy.spread),
        "bf16_mac_area_mm2": (area.value, area.spread),
        # no source: as much per area as the integer MAC
        "bf16_mac_leakage_w": (integer.leakage_w * area.value / integer.area_mm2, leakage),
        "register_energy_j_per_byte": (8 * register.value * scale["energy"], register.spread),
        "register_area_mm2_per_byte": (8 * cell.value * scale["area"], cell.spread),
    }
