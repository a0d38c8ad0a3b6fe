"""Energy by access counts and by component; on-chip and off-chip parts that add up."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.cost.area import (
    SUM_BYTES,
    by_precision,
    core_port_bytes,
    on_chip_area_mm2,
    pe_port_bytes,
    port_bytes,
    staging_memories,
)
from cosearch.hardware import Accelerators
from cosearch.hardware.technology import Technology


def mac_j(chips: Accelerators, tech: Technology) -> Float[ndarray, "*b"]:
    """One MAC at the chip's precision."""
    return by_precision(chips, tech.int8_mac_energy_j, tech.bf16_mac_energy_j)


def register_j(chips: Accelerators, tech: Technology) -> Float[ndarray, "*b"]:
    """Per MAC: the stationary operand is read; a lane's sum is read and written once a cycle."""
    per_mac = chips.operand_bytes + 2.0 * SUM_BYTES / chips.simd_width
    return np.asarray(per_mac * tech.register_energy_j_per_byte)


def core_j_per_byte(chips: Accelerators, tech: Technology) -> Float[ndarray, "*b"]:
    """Reading a core memory."""
    width = core_port_bytes(chips, tech)
    return np.asarray(tech.sram_read_j(chips.core_memory_bytes, width) / width)


def pe_j_per_byte(chips: Accelerators, tech: Technology) -> tuple[ndarray, ndarray]:
    """Reading and writing a PE memory."""
    size, width = chips.pe_memory_bytes, pe_port_bytes(chips, tech)
    return tech.sram_read_j(size, width) / width, tech.sram_write_j(size, width) / width


def wire_j_per_byte(chips: Accelerators, tech: Technology) -> Float[ndarray, "*b"]:
    """From a PE memory to a core: a share of the side of the on-chip area."""
    length_mm = tech.wire_share_of_side * np.sqrt(on_chip_area_mm2(chips, tech))
    return np.asarray(length_mm * tech.wire_energy_j_per_byte_mm)


def staging_j_per_byte(chips: Accelerators, tech: Technology) -> Float[ndarray, "*b"]:
    """Into and out of a staging memory, and on to a PE.

    Half parameters, half activations: the counts do not tell them apart.
    """
    memories = staging_memories(chips)
    sizes = (memories["parameter memory"], memories["activation memory"])
    through = [_through_j_per_byte(size, tech) for size in sizes]
    wire = tech.staging_wire_mm * tech.wire_energy_j_per_byte_mm
    return np.asarray(sum(through) / len(through) + wire)


def _through_j_per_byte(size: ndarray, tech: Technology) -> ndarray:
    width = port_bytes(size, np.array(tech.staging_port_bytes), tech)
    return (tech.sram_write_j(size, width) + tech.sram_read_j(size, width)) / width


def on_leakage_w(chips: Accelerators, tech: Technology) -> Float[ndarray, "*b"]:
    """Static power of MACs, core and PE memories."""
    macs = by_precision(chips, tech.int8_mac_leakage_w, tech.bf16_mac_leakage_w)
    core = tech.sram_leakage_w(chips.core_memory_bytes, core_port_bytes(chips, tech))
    memory = tech.sram_leakage_w(chips.pe_memory_bytes, pe_port_bytes(chips, tech))
    return np.asarray(
        chips.macs_per_cycle * macs + chips.pes * chips.cores * core + chips.pes * memory
    )


def off_leakage_w(chips: Accelerators, tech: Technology) -> Float[ndarray, "*b"]:
    """Static power of the three small memories."""
    port = np.array(tech.staging_port_bytes)
    sizes = staging_memories(chips).values()
    return np.asarray(
        sum(tech.sram_leakage_w(size, port_bytes(size, port, tech)) for size in sizes)
    )


def energy_by_component_j(
    chips: Accelerators,
    tech: Technology,
    *,
    macs: ndarray,
    core_bytes: ndarray,
    read_bytes: ndarray,
    written_bytes: ndarray,
    staged_bytes: ndarray,
    dram_bytes: ndarray,
    latency_s: ndarray,
) -> dict[str, ndarray]:
    """J by component, each (*b): `energy_j` term by term, for reports."""
    read, write = pe_j_per_byte(chips, tech)
    leakage = on_leakage_w(chips, tech) + off_leakage_w(chips, tech)
    return {
        "MACs": macs * mac_j(chips, tech),
        "registers": macs * register_j(chips, tech),
        "core memories": core_bytes * core_j_per_byte(chips, tech),
        "PE memories": read_bytes * read + written_bytes * write,
        "wires": (read_bytes + written_bytes) * wire_j_per_byte(chips, tech),
        "staging": staged_bytes * staging_j_per_byte(chips, tech),
        "DRAM": dram_bytes * tech.dram_energy_j_per_byte,
        "leakage": leakage * latency_s,
    }


def on_chip_energy_j(
    chips: Accelerators,
    tech: Technology,
    *,
    macs: ndarray,
    core_bytes: ndarray,
    read_bytes: ndarray,
    written_bytes: ndarray,
) -> Float[ndarray, "*b"]:
    """Dynamic energy of MACs, registers, core and PE memories and wires, from their counts.

    Chips (..., 1) x counts (..., L) -> (..., L); depends on the on-chip parameters only.
    """
    read, write = pe_j_per_byte(chips, tech)
    wire = wire_j_per_byte(chips, tech)
    return np.asarray(
        macs * (mac_j(chips, tech) + register_j(chips, tech))
        + core_bytes * core_j_per_byte(chips, tech)
        + read_bytes * (read + wire)
        + written_bytes * (write + wire)
    )


def off_chip_energy_j(
    chips: Accelerators, tech: Technology, *, staged_bytes: ndarray, dram_bytes: ndarray
) -> Float[ndarray, "*b"]:
    """Dynamic energy of DRAM and staging; depends on the off-chip parameters only."""
    return np.asarray(
        staged_bytes * staging_j_per_byte(chips, tech) + dram_bytes * tech.dram_energy_j_per_byte
    )


def energy_j(
    chips: Accelerators,
    tech: Technology,
    *,
    macs: ndarray,
    core_bytes: ndarray,
    read_bytes: ndarray,
    written_bytes: ndarray,
    staged_bytes: ndarray,
    dram_bytes: ndarray,
    latency_s: ndarray,
) -> Float[ndarray, "*b"]:
    """The on-chip part, the off-chip part, and both leakages over the latency."""
    on = on_chip_energy_j(
        chips,
        tech,
        macs=macs,
        core_bytes=core_bytes,
        read_bytes=read_bytes,
        written_bytes=written_bytes,
    )
    off = off_chip_energy_j(chips, tech, staged_bytes=staged_bytes, dram_bytes=dram_bytes)
    leakage_w = on_leakage_w(chips, tech) + off_leakage_w(chips, tech)
    return np.asarray(on + off + leakage_w * latency_s)


def energy_spread_j(
    chips: Accelerators, tech: Technology, **counts: ndarray
) -> tuple[ndarray, ndarray]:
    """Least and most of `energy_j`: every constant at the same end of its spread."""
    return energy_j(chips, tech.low, **counts), energy_j(chips, tech.high, **counts)
