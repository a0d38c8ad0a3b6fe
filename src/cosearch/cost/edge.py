"""The edge-accelerator model: layers mapped, latency the slowest of three, energy by access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.cost.area import area_mm2
from cosearch.cost.cost import Cost
from cosearch.cost.energy import energy_j
from cosearch.cost.mapper import M_COMPUTE, M_ON_CHIP, M_READ, M_WRITTEN, MAPPING_FIELDS
from cosearch.cost.walk import DRAM_BYTES, run_all
from cosearch.hardware import Accelerators, technology
from cosearch.networks import Layers


@dataclass(frozen=True)
class EdgeModel:
    """Cost of int8 networks on the edge-accelerator template at 22 nm.

    Latency of a layer = max(compute, on-chip traffic, DRAM traffic), perfectly overlapped; of a
    network, the sum. Not additive over layers in one respect: they share the PE memories.
    """

    name: str = "edge"
    node_nm: float = 22

    def __call__(self, layers: Layers, chips: Accelerators) -> Cost:
        """Layers (..., L) x chips (..., 1) -> Cost (..., L). Pure."""
        shape = np.broadcast_shapes(layers.shape, chips.shape)
        mapped = self.map(layers, chips)
        tech = technology()
        repeat = np.broadcast_to(layers.repeat, shape)
        cycle = 1.0 / chips.clock_hz
        compute_s = mapped[..., M_COMPUTE] * cycle * repeat
        on_chip_s = mapped[..., M_ON_CHIP] * cycle * repeat
        dram = mapped[..., DRAM_BYTES] * repeat
        dram_s = dram / chips.dram_bytes_per_s
        latency_s = np.maximum(np.maximum(compute_s, on_chip_s), dram_s)
        macs = np.broadcast_to(layers.macs, shape).astype(float)
        read, written = mapped[..., M_READ] * repeat, mapped[..., M_WRITTEN] * repeat
        energy = energy_j(
            chips,
            tech,
            macs=macs,
            read_bytes=read,
            written_bytes=written,
            dram_bytes=dram,
            latency_s=latency_s,
        )
        return Cost(
            latency_s=latency_s,
            energy_j=energy,
            area_mm2=np.broadcast_to(area_mm2(chips, tech), shape),
            compute_s=compute_s,
            on_chip_s=on_chip_s,
            dram_s=dram_s,
            vector_s=np.zeros(shape),
            instruction_s=np.zeros(shape),
            macs=macs,
            peak_macs_per_s=np.broadcast_to(chips.macs_per_cycle * chips.clock_hz, shape),
            on_chip_bytes=read + written,
            dram_bytes=dram,
        )

    def map(self, layers: Layers, chips: Accelerators) -> Float[ndarray, "*b q"]:
        """The mapper's answers and DRAM bytes per repeat, shape (..., L, `MAPPING_FIELDS` + 1)."""
        shape = np.broadcast_shapes(layers.shape, chips.shape)
        networks = _batch(layers.table(np.int64), shape[:-1], keep=2)
        if chips.shape and chips.shape[-1] != 1:
            raise ValueError(f"chips have shape {chips.shape}: the last axis must be 1")
        columns = chips.table(np.float64)
        # the clock and the DRAM bandwidth come in later: cycles and bytes do not depend on them
        integers = _batch(columns[..., 0, :] if chips.shape else columns, shape[:-1], keep=1)
        out = np.empty((int(np.prod(shape[:-1])), shape[-1], MAPPING_FIELDS + 1))
        run_all(networks, integers.astype(np.int64), out)
        return out.reshape(*shape, MAPPING_FIELDS + 1)


def _batch(table: ndarray, batch: tuple[int, ...], keep: int) -> ndarray[Any, Any]:
    """Flatten the batch axes to n, or to 1 where they all have size 1; keep the last `keep`."""
    lead = table.shape[: table.ndim - keep]
    tail = table.shape[table.ndim - keep :]
    if all(size == 1 for size in lead):
        return table.reshape(1, *tail)
    return np.ascontiguousarray(np.broadcast_to(table, (*batch, *tail))).reshape(-1, *tail)
