"""The cost of a network on a DPU: the slower of engine and DRAM per operator, cores waiting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from cosearch.cost.cost import Cost
from cosearch.cost.dpu.engines import alu_s, channel_groups, conv_s
from cosearch.cost.dpu.sharing import others_met
from cosearch.cost.dpu.traffic import traffic
from cosearch.hardware.dpu import Dpus
from cosearch.networks import Layers


@dataclass(frozen=True)
class DpuModel:
    """Cost of one core's pass over its batch while all `cores` run the same network.

    So a device does cores x batch images in that time. Not additive over layers: how long a core
    waits for the DRAM depends on the whole network. Energy and area are 0: not published.
    """

    name: str = "dpu"

    def __call__(self, layers: Layers, chips: Dpus) -> Cost:
        """Layers (..., L) x chips (..., 1) -> Cost (..., L). Pure."""
        shape = np.broadcast_shapes(layers.shape, chips.shape)
        moved = traffic(layers, chips)
        engines = (conv_s(layers, chips), alu_s(layers, chips))
        issue_s = instruction_s(layers, chips)
        port_s, dram_s = moved.port_s(chips), np.broadcast_to(moved.dram_s(chips), shape)
        busy_s = np.maximum(*engines) + issue_s
        alone_s = np.where(moved.blocks, busy_s + port_s, np.maximum(busy_s, port_s))
        met = others_met(alone_s.sum(-1), dram_s.sum(-1), np.max(chips.cores, -1))[..., None]
        columns = {
            "latency_s": alone_s + dram_s * met,
            "energy_j": np.zeros(shape),
            "area_mm2": np.zeros(shape),
            "compute_s": engines[0],
            "on_chip_s": np.zeros(shape),
            "dram_s": port_s + dram_s * met,
            "vector_s": engines[1],
            "instruction_s": issue_s,
            "macs": layers.macs * chips.batch.astype(float),
            "peak_macs_per_s": chips.peak_ops_per_s / 2,
            "on_chip_bytes": np.zeros(shape),
            "dram_bytes": moved.dram_bytes,
        }
        return Cost(**{name: np.broadcast_to(array, shape) for name, array in columns.items()})


def instruction_s(layers: Layers, chips: Dpus) -> ndarray:
    """Of each operator, and of each group of channels it makes."""
    groups = channel_groups(layers, chips) / chips.groups_per_s
    return layers.repeat * (1 / chips.operators_per_s + groups)
