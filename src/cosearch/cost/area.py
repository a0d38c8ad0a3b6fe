"""Chip area by component, from sourced 22 nm constants. No pads, wires or DRAM interface."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.hardware import Accelerators
from cosearch.units import KIB


def port_bytes(chips: Accelerators, tech: SimpleNamespace) -> Float[ndarray, "*b"]:
    """Width of one PE memory access: a byte per SIMD unit of the PE, at most the widest known."""
    return np.minimum(chips.cores * chips.lanes, tech.sram_max_port_bytes)


def register_bytes(chips: Accelerators, tech: SimpleNamespace) -> Float[ndarray, "*b"]:
    """Width of one register file access: the operands of all units of a lane."""
    return np.minimum(chips.lanes * chips.simd_width, tech.sram_max_port_bytes)


def sram_area_mm2(capacity_bytes: ndarray, width: ndarray, tech: SimpleNamespace) -> ndarray:
    """One SRAM macro: a KiB^b B^c."""
    kib = capacity_bytes / KIB
    power = kib**tech.sram_area_capacity_power * width**tech.sram_area_width_power
    return np.asarray(tech.sram_area_scale_mm2 * power)


def area_by_component_mm2(chips: Accelerators, tech: SimpleNamespace) -> dict[str, ndarray]:
    """mm2 of the MAC array, the register files and the PE memories."""
    registers = sram_area_mm2(chips.core_memory_bytes, register_bytes(chips, tech), tech)
    memory = sram_area_mm2(chips.pe_memory_bytes, port_bytes(chips, tech), tech)
    return {
        "MAC array": chips.macs_per_cycle * tech.mac_area_mm2,
        "core memories": chips.pes * chips.cores * registers,
        "PE memories": chips.pes * memory,
    }


def area_mm2(chips: Accelerators, tech: SimpleNamespace) -> Float[ndarray, "*b"]:
    """Total of the components, known exactly before any layer is mapped."""
    return np.asarray(sum(area_by_component_mm2(chips, tech).values()))
