"""Published figures of real or synthesised parts beside ours: ratios, nothing is fitted to them.

Sources: Horowitz, ISSCC 2014 (45 nm); the energy and area tables in
Accelergy-Project/timeloop-accelergy-exercises (Eyeriss at 65 nm, Simba's 40 nm class MAC);
tpu_v4i.yaml of Accelergy-Project/accelforge (7 nm); HWComponents' Simba (16 nm); the area of SRAM
per MB is a constant of a public chiplet cost model, "from real implementations".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from cosearch.hardware import technology
from cosearch.hardware.technology.logic import integer_mac
from cosearch.units import KIB, MIB


def macro(node_nm: float, quantity: str, size: float, width_bits: float) -> float:
    """Ours of one macro: J per access, or mm2."""
    fit = getattr(technology(node_nm), f"sram_{quantity}")
    return float(fit(np.array(float(size)), np.array(width_bits / 8)))


def per_bit(node_nm: float, quantity: str, size: float) -> float:
    """Ours per bit at the widest port, J."""
    return macro(node_nm, quantity, size, 1024) / 1024


# name: (ours, published), both SI or mm2
ANCHORS: Final[dict[str, tuple[Callable[[], float], float]]] = {
    "int8 MAC energy, 45 nm, Horowitz": (lambda: integer_mac(45, 8, 32).energy_j, 0.30e-12),
    "int8 MAC area, 45 nm, Horowitz": (lambda: integer_mac(45, 8, 32).area_mm2, 419e-6),
    "int8 MAC energy, 40 nm, Timeloop Simba": (lambda: integer_mac(40, 8, 24).energy_j, 0.315e-12),
    "int8 MAC area, 40 nm, Timeloop Simba": (lambda: integer_mac(40, 8, 24).area_mm2, 417e-6),
    "8-bit MAC energy, 65 nm, Timeloop Eyeriss": (
        lambda: integer_mac(65, 8, 16).energy_j,
        0.208e-12,
    ),
    "8-bit MAC area, 65 nm, Timeloop Eyeriss": (lambda: integer_mac(65, 8, 16).area_mm2, 191.8e-6),
    "int8 MAC energy, 16 nm, HWComponents Simba": (
        lambda: integer_mac(16, 8, 24).energy_j,
        0.179e-12,
    ),
    "int8 MAC area, 16 nm, HWComponents Simba": (lambda: integer_mac(16, 8, 24).area_mm2, 147e-6),
    "int8 MAC energy, 7 nm, accelforge TPUv4i": (
        lambda: integer_mac(7, 8, 32).energy_j,
        0.084e-12,
    ),
    "8 KB read 32 bit, 45 nm, Horowitz": (lambda: macro(45, "read_j", 8 * KIB, 32), 5e-12),
    "8 KB read 64 bit, 45 nm, Horowitz": (lambda: macro(45, "read_j", 8 * KIB, 64), 10e-12),
    "128 KB read 64 bit, 65 nm, Timeloop Eyeriss": (
        lambda: macro(65, "read_j", 128 * KIB, 64),
        18.2e-12,
    ),
    "128 KB write 64 bit, 65 nm, Timeloop Eyeriss": (
        lambda: macro(65, "write_j", 128 * KIB, 64),
        14.1e-12,
    ),
    "128 KB area, 65 nm, Timeloop Eyeriss": (
        lambda: macro(65, "area_mm2", 128 * KIB, 64),
        217363e-6,
    ),
    "64 KB area, 16 nm, HWComponents Simba": (lambda: macro(16, "area_mm2", 64 * KIB, 256), 0.240),
    "4 MB read per bit, 7 nm, accelforge TPUv4i VMEM": (
        lambda: per_bit(7, "read_j", 4 * MIB),
        0.249e-12,
    ),
    "4 MB write per bit, 7 nm, accelforge TPUv4i VMEM": (
        lambda: per_bit(7, "write_j", 4 * MIB),
        0.293e-12,
    ),
    "128 MB read per bit, 7 nm, accelforge TPUv4i CMEM": (
        lambda: per_bit(7, "read_j", 128 * MIB),
        1.88e-12,
    ),
    "128 MB write per bit, 7 nm, accelforge TPUv4i CMEM": (
        lambda: per_bit(7, "write_j", 128 * MIB),
        2.36e-12,
    ),
    "128 MB area, 7 nm, accelforge TPUv4i CMEM": (
        lambda: macro(7, "area_mm2", 128 * MIB, 1024),
        112.0,
    ),
    "1 MB area, 7 nm, chiplet cost model": (lambda: macro(7, "area_mm2", MIB, 1024), 0.45),
    "HBM2 per bit, accelforge TPUv4i": (
        lambda: technology(7, dram="HBM2").dram_energy_j_per_byte / 8,
        7.03e-12,
    ),
}


def ratios() -> dict[str, float]:
    """Ours over published, by name."""
    return {f"ratio: {name}": ours() / published for name, (ours, published) in ANCHORS.items()}
