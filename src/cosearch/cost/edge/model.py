"""The edge-accelerator model: layers mapped, latency the slowest of several, energy by access."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.cost.area import area_mm2
from cosearch.cost.cost import Cost
from cosearch.cost.edge.mapper import M_COMPUTE, M_ON_CHIP, M_READ, M_WRITTEN, MAPPING_FIELDS
from cosearch.cost.edge.off_chip import TRAFFIC_FIELDS
from cosearch.cost.edge.staging import instruction_bytes, stage
from cosearch.cost.edge.walk import VECTOR_KINDS, map_all, stream_all
from cosearch.cost.energy import energy_j
from cosearch.hardware import Accelerators, technology
from cosearch.networks import Layers

_AT_ONCE: Final = 512  # designs whose columns stay in the cache; threads share the batch by these


@dataclass(frozen=True)
class EdgeModel:
    """Cost of networks on the edge-accelerator template.

    Latency of a layer = max(compute or vector work, on-chip traffic, DRAM and program traffic),
    perfectly overlapped; of a network, the sum. Not additive over layers in one respect: they share
    the PE memories. Threads share the designs of a batch; the figures do not depend on how many.
    """

    name: str = "edge"
    node_nm: float = 22
    threads: int = 1

    def __call__(self, layers: Layers, chips: Accelerators) -> Cost:
        """Layers (..., L) x chips (..., 1) -> Cost (..., L). Pure."""
        shape = _shape(layers, chips)
        if len(shape) != 2 or shape[0] <= _AT_ONCE:
            return self._cost(layers, chips)
        spans = [slice(a, min(a + _AT_ONCE, shape[0])) for a in range(0, shape[0], _AT_ONCE)]
        with ThreadPoolExecutor(self.threads) as pool:
            parts = pool.map(lambda s: self._cost(_part(layers, s), _part(chips, s)), spans)
            return Cost.concatenate(list(parts))

    def _cost(self, layers: Layers, chips: Accelerators) -> Cost:
        """As the call, in one go."""
        shape = _shape(layers, chips)
        mapped, traffic = self.map(layers, chips), self.stream(layers, chips)
        repeat = np.broadcast_to(layers.repeat, shape)
        cycle = repeat / chips.clock_hz
        vector = np.isin(np.broadcast_to(layers.kind, shape), VECTOR_KINDS)
        work_s = mapped[..., M_COMPUTE] * cycle
        on_chip_s = mapped[..., M_ON_CHIP] * cycle
        staged = stage(traffic, chips)
        program = instruction_bytes((repeat > 0).astype(float), chips)
        dram_s = staged.dram_s * repeat
        instruction_s = program / chips.dram_bytes_per_s
        latency_s = np.maximum(np.maximum(work_s, on_chip_s), dram_s + instruction_s)
        dram_bytes = staged.dram_bytes * repeat + program
        read, written = mapped[..., M_READ] * repeat, mapped[..., M_WRITTEN] * repeat
        macs = np.broadcast_to(layers.macs, shape).astype(float)
        tech = technology(self.node_nm)
        energy = energy_j(
            chips,
            tech,
            macs=macs,
            core_bytes=macs * chips.operand_bytes,
            read_bytes=read,
            written_bytes=written,
            staged_bytes=dram_bytes,
            dram_bytes=dram_bytes,
            latency_s=latency_s,
        )
        return Cost(
            latency_s=latency_s,
            energy_j=energy,
            area_mm2=np.broadcast_to(area_mm2(chips, tech), shape),
            compute_s=np.where(vector, 0.0, work_s),
            on_chip_s=on_chip_s,
            dram_s=dram_s,
            vector_s=np.where(vector, work_s, 0.0),
            instruction_s=instruction_s,
            macs=macs,
            peak_macs_per_s=np.broadcast_to(chips.macs_per_cycle * chips.clock_hz, shape),
            on_chip_bytes=read + written,
            dram_bytes=dram_bytes,
        )

    def area_mm2(self, chips: Accelerators) -> Float[ndarray, "*b"]:
        """Of chips (*b): it follows from their knobs alone."""
        return area_mm2(chips, technology(self.node_nm))

    def map(self, layers: Layers, chips: Accelerators) -> Float[ndarray, "*b q"]:
        """The mapper's answers per repeat, shape (..., L, `MAPPING_FIELDS`)."""
        shape = _shape(layers, chips)
        networks = _batch(layers.table(np.int64), shape[:-1], keep=2)
        # the clock and the DRAM bandwidth come in later: cycles and bytes do not depend on them
        made = _batch(_table(chips), shape[:-1], keep=1).astype(np.int64)
        out = np.empty((int(np.prod(shape[:-1])), shape[-1], MAPPING_FIELDS))
        map_all(networks, made, out)
        return out.reshape(*shape, MAPPING_FIELDS)

    def stream(self, layers: Layers, chips: Accelerators) -> Float[ndarray, "*b q"]:
        """DRAM bytes per repeat of two ways to stream, shape (..., L, `TRAFFIC_FIELDS`)."""
        shape = _shape(layers, chips)
        networks = _batch(layers.table(np.int64), shape[:-1], keep=2)
        chip_shape = chips.shape or (1,)
        memory = np.broadcast_to(chips.pes * chips.pe_memory_bytes, chip_shape)[..., 0]
        operand = np.broadcast_to(chips.operand_bytes, chip_shape)[..., 0]
        memories, operands = (
            _batch(np.asarray(a, dtype=np.int64), shape[:-1], keep=0) for a in (memory, operand)
        )
        out = np.empty((int(np.prod(shape[:-1])), shape[-1], TRAFFIC_FIELDS))
        stream_all(networks, memories, operands, out)
        return out.reshape(*shape, TRAFFIC_FIELDS)


def _part(columns: Any, span: slice) -> Any:
    """The designs of a span; what they share stays whole."""
    return columns[span] if len(columns.shape) == 2 and columns.shape[0] > 1 else columns


def _shape(layers: Layers, chips: Accelerators) -> tuple[int, ...]:
    if chips.shape and chips.shape[-1] != 1:
        raise ValueError(f"chips have shape {chips.shape}: the last axis must be 1")
    return np.broadcast_shapes(layers.shape, chips.shape)


def _table(chips: Accelerators) -> ndarray[Any, Any]:
    columns = chips.table(np.float64)
    return np.asarray(columns[..., 0, :] if chips.shape else columns)


def _batch(table: ndarray, batch: tuple[int, ...], keep: int) -> ndarray[Any, Any]:
    """Flatten the batch axes to n, or to 1 where they all have size 1; keep the last `keep`."""
    lead = table.shape[: table.ndim - keep]
    tail = table.shape[table.ndim - keep :]
    if all(size == 1 for size in lead):
        return table.reshape(1, *tail)
    return np.ascontiguousarray(np.broadcast_to(table, (*batch, *tail))).reshape(-1, *tail)
