"""The edge-accelerator model: layers mapped, latency the slowest of several, energy by access."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

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
        shape = np.broadcast_shapes(layers.shape, chips.shape)
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

    def map(self, layers: Layers, chips: Accelerators) -> Float[ndarray, "*b q"]:
        """The mapper's answers per repeat, shape (..., L, `MAPPING_FIELDS`)."""
        shape = _shape(layers, chips)
        networks = _batch(layers.table(np.int64), shape[:-1], keep=2)
        # the clock and the DRAM bandwidth come in later: cycles and bytes do not depend on them
        made = _batch(_table(chips), shape[:-1], keep=1).astype(np.int64)
        out = np.empty((int(np.prod(shape[:-1])), shape[-1], MAPPING_FIELDS))
        self._share(map_all, (networks, made), out)
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
        self._share(stream_all, (networks, memories, operands), out)
        return out.reshape(*shape, TRAFFIC_FIELDS)

    def _share(self, kernel: Any, inputs: tuple[ndarray, ...], out: ndarray) -> None:
        """Run `kernel` on as many parts of the batch as there are threads."""
        parts = np.linspace(0, len(out), min(self.threads, len(out)) + 1).astype(int)
        spans = [slice(a, b) for a, b in pairwise(parts)]
        jobs = [(*(a[s] if len(a) > 1 else a for a in inputs), out[s]) for s in spans]
        if len(jobs) == 1:
            kernel(*jobs[0])
            return
        with ThreadPoolExecutor(len(jobs)) as pool:
            list(pool.map(lambda job: kernel(*job), jobs))


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
