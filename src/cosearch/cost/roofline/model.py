"""The roofline model of TPUs and GPUs: operational intensity and execution efficiency.

After EfficientNet-X (arXiv 2102.05610): what a layer reaches depends on how much it computes per
byte, and on how well its shape and size use the units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from cosearch.cost.cost import Cost
from cosearch.cost.roofline.traffic import Traffic, is_fused, traffic
from cosearch.hardware import Rooflines
from cosearch.networks import Kind, Layers


@dataclass(frozen=True)
class RooflineModel:
    """Cost of one pass over a device's batch. A layer takes the longest of its five times.

    Not additive over layers in one respect: they share the memories. Energy is the thermal design
    power over the time, an upper estimate; it and the area are 0 where they are not published.
    """

    name: str = "roofline"

    def __call__(self, layers: Layers, chips: Rooflines) -> Cost:
        """Layers (..., L) x chips (..., 1) -> Cost (..., L). Pure."""
        shape = np.broadcast_shapes(layers.shape, chips.shape)
        moved = traffic(layers, chips)
        compute_s, vector_s = unit_times(layers, chips)
        on_chip_s, dram_s = memory_times(layers, chips, moved)
        launches = np.where(is_fused(layers, chips), 0, layers.repeat)
        instruction_s = launches / chips.launches_per_s
        parts = (compute_s, on_chip_s, dram_s, vector_s, instruction_s)
        latency_s = np.max(np.broadcast_arrays(*parts), axis=0)
        columns = {
            "latency_s": latency_s,
            "energy_j": latency_s * chips.watts,
            "area_mm2": chips.area_mm2,
            "compute_s": compute_s,
            "on_chip_s": on_chip_s,
            "dram_s": dram_s,
            "vector_s": vector_s,
            "instruction_s": instruction_s,
            "macs": layers.macs * chips.batch.astype(float),
            "peak_macs_per_s": chips.peak_ops_per_s / 2,
            "on_chip_bytes": moved.near + moved.far,
            "dram_bytes": moved.dram,
        }
        return Cost(**{name: np.broadcast_to(array, shape) for name, array in columns.items()})


def unit_times(layers: Layers, chips: Rooflines) -> tuple[ndarray, ndarray]:
    """Seconds of the matrix and of the vector unit; each layer runs on one of them.

    Grouped convolutions, depthwise ones among them, run where they take less; pooling and
    elementwise operators on the vector unit; all others on the matrix unit.
    """
    multiplies = (layers.kind == Kind.MAC) | (layers.kind == Kind.MATMUL)
    on_matrix = matrix_s(layers, chips)
    on_vector = vector_s(layers, chips)
    may_choose = (layers.kind == Kind.MAC) & (layers.groups > 1)
    matrix = multiplies & ~(may_choose & (on_vector < on_matrix))
    return np.where(matrix, on_matrix, 0.0), np.where(matrix, 0.0, on_vector)


def matrix_s(layers: Layers, chips: Rooflines) -> ndarray:
    """Each group a matrix product, its three sides padded to the unit's tile."""
    product = layers.kind == Kind.MATMUL  # every image has a second operand of its own
    rows = layers.out_y * layers.out_x * np.where(product, 1, chips.batch)
    depth = layers.in_channels * layers.kernel_y * layers.kernel_x
    padded = (
        _padded(rows, chips.tile_m)
        * _padded(layers.out_channels, chips.tile_n)
        * _padded(depth, chips.tile_k)
    )
    macs = padded * layers.groups * np.where(product, chips.batch, 1)
    whole = (macs + chips.matrix_half_macs) * layers.repeat
    return whole / (chips.matrix_efficiency * chips.matrix_macs_per_s)


def vector_s(layers: Layers, chips: Rooflines) -> ndarray:
    """A tap or an operand of an element takes as long as a multiply-accumulate.

    A fused operator adds its work to the one before it, and does not start anew.
    """
    taps = layers.in_channels * layers.kernel_y * layers.kernel_x
    per_element = np.where(layers.kind == Kind.ELEMENTWISE, layers.operands, taps)
    work = layers.outputs * per_element * chips.batch.astype(float)
    start = np.where(is_fused(layers, chips), 0.0, chips.vector_half_macs)
    whole = (work + start) * layers.repeat
    return whole / (chips.vector_efficiency * chips.vector_macs_per_s)


def memory_times(layers: Layers, chips: Rooflines, moved: Traffic) -> tuple[ndarray, ndarray]:
    """Seconds of the slower memory on chip, and of DRAM."""
    on_chip = np.maximum(moved.near / chips.near_bytes_per_s, moved.far / chips.far_bytes_per_s)
    start = np.where(moved.dram > 0, chips.dram_half_bytes * layers.repeat, 0.0)
    return on_chip, (moved.dram + start) / (chips.dram_efficiency * chips.dram_bytes_per_s)


def _padded(size: ndarray, tile: ndarray) -> ndarray:
    """The next multiple of the tile, as float: products outgrow integers."""
    return -(-size // tile) * tile.astype(float)
