"""Energy by access counts, from sourced 22 nm constants."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.cost.area import port_bytes, register_bytes
from cosearch.hardware import Accelerators
from cosearch.units import KIB, MIB


def sram_read_j_per_byte(capacity_bytes: ndarray, width: ndarray, tech: SimpleNamespace) -> ndarray:
    """Energy of one read, per byte of the access."""
    power = (capacity_bytes / KIB) ** tech.sram_read_capacity_power
    return np.asarray(tech.sram_read_scale_j * power * width ** (tech.sram_read_width_power - 1))


def sram_write_j_per_byte(
    capacity_bytes: ndarray, width: ndarray, tech: SimpleNamespace
) -> ndarray:
    """Energy of one write, per byte of the access."""
    power = (capacity_bytes / KIB) ** tech.sram_write_capacity_power
    return np.asarray(tech.sram_write_scale_j * power * width ** (tech.sram_write_width_power - 1))


def leakage_w(chips: Accelerators, tech: SimpleNamespace) -> Float[ndarray, "*b"]:
    """Static power of MACs and memories, W."""
    memory = chips.pes * (chips.pe_memory_bytes + chips.cores * chips.core_memory_bytes)
    return np.asarray(
        chips.macs_per_cycle * tech.mac_leakage_w + memory / MIB * tech.sram_leakage_w_per_mib
    )


def energy_j(
    chips: Accelerators,
    tech: SimpleNamespace,
    *,
    macs: ndarray,
    read_bytes: ndarray,
    written_bytes: ndarray,
    dram_bytes: ndarray,
    latency_s: ndarray,
) -> Float[ndarray, "*b"]:
    """MACs, one register-file byte per MAC, PE memory and DRAM traffic, leakage.

    The other operand of a MAC is latched and its sum kept in the unit's accumulator.
    """
    width = port_bytes(chips, tech)
    registers = sram_read_j_per_byte(chips.core_memory_bytes, register_bytes(chips, tech), tech)
    read = sram_read_j_per_byte(chips.pe_memory_bytes, width, tech)
    write = sram_write_j_per_byte(chips.pe_memory_bytes, width, tech)
    return np.asarray(
        macs * (tech.mac_energy_j + registers)
        + read_bytes * read
        + written_bytes * write
        + dram_bytes * tech.dram_energy_j_per_byte
        + leakage_w(chips, tech) * latency_s
    )
