"""What the accelerator spaces of Apollo and NAHAS share: knobs of the edge template as columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.hardware import Accelerators
from cosearch.space import Choice, Space
from cosearch.units import KIB, MIB

STAGING_V1: Final[Mapping[str, int]] = {  # of the Edge TPU V1
    "instruction_memory_bytes": 16384,
    "parameter_memory_bytes": 16384,
    "activation_memory_bytes": 1024,
}
NAHAS_BASELINE: Final[Mapping[str, Choice]] = {  # 26 TOPS
    "pes_x": 4,
    "pes_y": 4,
    "lanes": 64,
    "cores": 4,
    "pe_memory_mib": 2,
    "core_memory_kib": 32,
    "dram_gb_per_s": 20,
}


def edge_chips(space: Space, genomes: Int[ndarray, "n d"]) -> Accelerators:
    """Chips (n,): 0.8 GHz, 4-wide lanes, int8; `STAGING_V1` where the space leaves that open."""
    genomes = space.validate(genomes)
    n = len(genomes)
    value = {name: np.full(n, size) for name, size in STAGING_V1.items()}
    value |= {k.name: np.array(k.choices)[genomes[:, i]] for i, k in enumerate(space.knobs)}
    return Accelerators(
        pes_x=value["pes_x"],
        pes_y=value["pes_y"],
        cores=value["cores"],
        lanes=value["lanes"],
        simd_width=np.full(n, 4),
        core_memory_bytes=value["core_memory_kib"] * float(KIB),
        pe_memory_bytes=value["pe_memory_mib"] * float(MIB),
        instruction_memory_bytes=value["instruction_memory_bytes"] * 1.0,
        parameter_memory_bytes=value["parameter_memory_bytes"] * 1.0,
        activation_memory_bytes=value["activation_memory_bytes"] * 1.0,
        dram_bytes_per_s=value["dram_gb_per_s"] * 1e9,
        clock_hz=np.full(n, 0.8e9),
        operand_bytes=np.ones(n, dtype=np.int64),
    )
