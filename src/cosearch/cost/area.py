"""Chip area by component: what lies on the PE array, plus what feeds it. No pads, no clock tree.

The two sides add up, so that an exact sweep may add a table of either.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.hardware import Accelerators
from cosearch.hardware.technology import Technology

SUM_BYTES = 4  # an int32 or fp32 sum per lane


def port_bytes(capacity_bytes: ndarray, wanted: ndarray, tech: Technology) -> ndarray:
    """Port width of a macro: as wanted, but no wider than known and with enough rows.

    Wider accesses count as several.
    """
    widest = np.minimum(tech.sram_max_port_bytes, capacity_bytes / tech.sram_least_rows)
    return np.minimum(wanted, np.maximum(widest, 1.0))


def core_port_bytes(chips: Accelerators, tech: Technology) -> Float[ndarray, "*b"]:
    """Width of one core memory access: the operands of all units of a core."""
    wanted = chips.lanes * chips.simd_width * chips.operand_bytes
    return port_bytes(chips.core_memory_bytes, wanted, tech)


def pe_port_bytes(chips: Accelerators, tech: Technology) -> Float[ndarray, "*b"]:
    """Width of one PE memory access: an operand per lane of the PE."""
    wanted = chips.cores * chips.lanes * chips.operand_bytes
    return port_bytes(chips.pe_memory_bytes, wanted, tech)


def by_precision(chips: Accelerators, int8: float, bf16: float) -> Float[ndarray, "*b"]:
    """The constant of the chip's precision."""
    return np.where(chips.operand_bytes > 1, bf16, int8)


def lanes_of(chips: Accelerators) -> Float[ndarray, "*b"]:
    """Lanes of the whole chip; each keeps a sum."""
    return chips.pes * chips.cores * chips.lanes


def _on_chip(chips: Accelerators, tech: Technology) -> dict[str, ndarray]:
    mac = by_precision(chips, tech.int8_mac_area_mm2, tech.bf16_mac_area_mm2)
    registers = chips.macs_per_cycle * chips.operand_bytes + lanes_of(chips) * SUM_BYTES
    core = tech.sram_area_mm2(chips.core_memory_bytes, core_port_bytes(chips, tech))
    memory = tech.sram_area_mm2(chips.pe_memory_bytes, pe_port_bytes(chips, tech))
    return {
        "MAC array": chips.macs_per_cycle * mac + registers * tech.register_area_mm2_per_byte,
        "core memories": chips.pes * chips.cores * core,
        "PE memories": chips.pes * memory,
    }


def staging_memories(chips: Accelerators) -> dict[str, ndarray]:
    """Capacity in bytes of the three small memories between DRAM and PEs."""
    return {
        "instruction memory": chips.instruction_memory_bytes,
        "parameter memory": chips.parameter_memory_bytes,
        "activation memory": chips.activation_memory_bytes,
    }


def _off_chip(chips: Accelerators, tech: Technology) -> dict[str, ndarray]:
    memories = {
        name: tech.sram_area_mm2(size, port_bytes(size, np.array(tech.staging_port_bytes), tech))
        for name, size in staging_memories(chips).items()
    }
    interface = chips.dram_bytes_per_s * tech.dram_interface_mm2_per_byte_per_s
    return {**memories, "DRAM interface": interface}


def area_by_component_mm2(chips: Accelerators, tech: Technology) -> dict[str, ndarray]:
    """mm2 of MACs with their registers, memories and the DRAM interface, each (*b)."""
    return {**_on_chip(chips, tech), **_off_chip(chips, tech)}


def on_chip_area_mm2(chips: Accelerators, tech: Technology) -> Float[ndarray, "*b"]:
    """MACs, core and PE memories: of PEs, cores, lanes, their memories and precision only."""
    return np.asarray(sum(_on_chip(chips, tech).values()))


def off_chip_area_mm2(chips: Accelerators, tech: Technology) -> Float[ndarray, "*b"]:
    """What feeds the array: of the three small memories and the DRAM bandwidth only."""
    return np.asarray(sum(_off_chip(chips, tech).values()))


def area_mm2(chips: Accelerators, tech: Technology) -> Float[ndarray, "*b"]:
    """Total of the components, known exactly before any layer is mapped."""
    return np.asarray(on_chip_area_mm2(chips, tech) + off_chip_area_mm2(chips, tech))


def area_spread_mm2(chips: Accelerators, tech: Technology) -> tuple[ndarray, ndarray]:
    """Least and most: every constant at the same end of its spread."""
    return area_mm2(chips, tech.low), area_mm2(chips, tech.high)
