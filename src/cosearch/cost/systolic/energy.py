"""Area of a systolic array and energy by access counts. No wires: neighbours are close."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.cost.area import SUM_BYTES, port_bytes
from cosearch.hardware.systolic import DATAFLOWS, PIXELS, SystolicArrays
from cosearch.hardware.technology import Technology

_PIXELS_ALONG_COLS = np.array([row.cols == PIXELS for row in DATAFLOWS])


def memories(chips: SystolicArrays, tech: Technology) -> list[tuple[ndarray, ndarray]]:
    """Capacity and port width in bytes of the input, filter and output memory.

    A memory feeds an axis of the array, or takes what leaves its columns.
    """
    swapped = _PIXELS_ALONG_COLS[chips.dataflow]
    axes = (
        np.where(swapped, chips.cols, chips.rows),
        np.where(swapped, chips.rows, chips.cols),
        chips.cols,
    )
    sizes = (chips.ifmap_bytes, chips.filter_bytes, chips.ofmap_bytes)
    return [
        (size, port_bytes(size, axis * chips.operand_bytes, tech))
        for size, axis in zip(sizes, axes, strict=True)
    ]


def area_mm2(chips: SystolicArrays, tech: Technology) -> Float[ndarray, "*b"]:
    """Multipliers with their registers, the three memories, the DRAM interface."""
    wide = chips.operand_bytes > 1
    mac = np.where(wide, tech.bf16_mac_area_mm2, tech.int8_mac_area_mm2)
    registers = (2 * chips.operand_bytes + SUM_BYTES) * tech.register_area_mm2_per_byte
    sram = sum(tech.sram_area_mm2(size, width) for size, width in memories(chips, tech))
    limited = np.isfinite(chips.dram_bytes_per_s)
    bandwidth = np.where(limited, chips.dram_bytes_per_s, 0.0)
    interface = bandwidth * tech.dram_interface_mm2_per_byte_per_s
    return np.asarray(chips.macs_per_cycle * (mac + registers) + sram + interface)


def energy_j(
    chips: SystolicArrays,
    tech: Technology,
    *,
    macs: ndarray,
    sram: Sequence[ndarray],
    ports: Sequence[ndarray],
    dram_bytes: ndarray,
    time_s: ndarray,
) -> Float[ndarray, "*b"]:
    """MACs with their registers, memories, DRAM, leakage.

    `sram` and `ports` are words of input, filters and output between the array and the memories,
    and between these and DRAM. A MAC reads the operand it holds, passes the other one on, and
    reads and writes a sum.
    """
    wide = chips.operand_bytes > 1
    mac = np.where(wide, tech.bf16_mac_energy_j, tech.int8_mac_energy_j)
    registers = (2 * chips.operand_bytes + 2 * SUM_BYTES) * tech.register_energy_j_per_byte
    macro = memories(chips, tech)
    read = [tech.sram_read_j(size, width) / width for size, width in macro]
    write = [tech.sram_write_j(size, width) / width for size, width in macro]
    # read for the array and filled from DRAM; the output the other way round
    moved = (
        sram[0] * read[0] + ports[0] * write[0],
        sram[1] * read[1] + ports[1] * write[1],
        sram[2] * write[2] + ports[2] * read[2],
    )
    on_chip = macs * (mac + registers) + sum(moved) * chips.operand_bytes
    off_chip = dram_bytes * tech.dram_energy_j_per_byte
    return np.asarray(on_chip + off_chip + leakage_w(chips, tech) * time_s)


def leakage_w(chips: SystolicArrays, tech: Technology) -> Float[ndarray, "*b"]:
    """Multipliers and memories."""
    wide = chips.operand_bytes > 1
    mac = np.where(wide, tech.bf16_mac_leakage_w, tech.int8_mac_leakage_w)
    sram = sum(tech.sram_leakage_w(size, width) for size, width in memories(chips, tech))
    return np.asarray(chips.macs_per_cycle * mac + sram)
