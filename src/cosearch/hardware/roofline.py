"""`Rooflines`: devices with matrix unit, vector unit and a hierarchy of memories, as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.columns import Columns


@dataclass(frozen=True)
class Rooflines(Columns):
    """TPUs and GPUs as EfficientNet-X (arXiv 2102.05610) sees them, for one precision.

    The matrix unit multiplies (m, k) by (k, n) matrices tile by tile. Data lie in a near memory
    (VMEM, L2), a far one (CMEM; 0 bytes where there is none), or DRAM. Work W takes
    (W + half) / (efficiency * peak): at W = half a unit reaches half of its best efficiency.
    Bandwidths are infinite where they do not limit.
    """

    matrix_macs_per_s: Float[ndarray, "*b"]
    vector_macs_per_s: Float[ndarray, "*b"]
    tile_m: Int[ndarray, "*b"]  # rows: output positions
    tile_n: Int[ndarray, "*b"]  # columns: output channels
    tile_k: Int[ndarray, "*b"]  # depth: input channels and filter taps
    near_memory_bytes: Float[ndarray, "*b"]
    near_bytes_per_s: Float[ndarray, "*b"]
    far_memory_bytes: Float[ndarray, "*b"]
    far_bytes_per_s: Float[ndarray, "*b"]
    dram_bytes_per_s: Float[ndarray, "*b"]
    matrix_efficiency: Float[ndarray, "*b"]  # of the peak, at best
    matrix_half_macs: Float[ndarray, "*b"]
    vector_efficiency: Float[ndarray, "*b"]
    vector_half_macs: Float[ndarray, "*b"]
    dram_efficiency: Float[ndarray, "*b"]
    dram_half_bytes: Float[ndarray, "*b"]
    launches_per_s: Float[ndarray, "*b"]  # operators the host or sequencer issues; may be infinite
    batch: Int[ndarray, "*b"]  # images a pass
    operand_bytes: Int[ndarray, "*b"]
    fuses: Int[ndarray, "*b"]  # 1: elementwise operators join the one before them; 0: eager
    watts: Float[ndarray, "*b"]  # thermal design power; 0 where unknown
    area_mm2: Float[ndarray, "*b"]  # of the die; 0 where unknown

    @property
    def peak_ops_per_s(self) -> Float[ndarray, "*b"]:
        """Two operations per multiply-accumulate, by the faster unit."""
        return 2.0 * np.maximum(self.matrix_macs_per_s, self.vector_macs_per_s)
