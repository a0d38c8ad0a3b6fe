"""From the edge model to `SweepTables`: the same kernels, run over the two sides of a family.

Three properties of the model make a table of each side possible: the mapper looks at no memory but
that of the cores; DRAM traffic depends on the total of the PE memories only; and what stands
between chip and DRAM depends on the off-chip knobs only. A fourth halves the work: the two PE axes
are alike.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cosearch.cost.area import off_chip_area_mm2, on_chip_area_mm2
from cosearch.cost.edge.model import EdgeModel
from cosearch.cost.edge.off_chip import is_fused
from cosearch.cost.edge.staging import instruction_bytes, stage
from cosearch.cost.edge.walk import map_rows
from cosearch.cost.energy import (
    off_chip_energy_j,
    off_leakage_w,
    on_chip_energy_j,
    on_leakage_w,
)
from cosearch.cost.sweep.factors import FactoredFamily, off_chip, on_chip
from cosearch.cost.sweep.interface import SweepTables
from cosearch.hardware import Accelerators, technology
from cosearch.networks import Layers
from cosearch.progress import Progress, silent

_ROWS_AT_ONCE = 2048  # a part of the on-chip table, mapped by one thread


def tables(
    layers: Layers,
    family: FactoredFamily,
    model: EdgeModel,
    *,
    workers: int = 1,
    progress: Progress = silent,
) -> SweepTables:
    """Tables of one workload, `layers` (L,), on every chip of `family`."""
    tech = technology(model.node_nm)
    on, off = on_chip(family), off_chip(family)
    active = layers[np.flatnonzero(np.broadcast_to(layers.repeat > 0, layers.shape))]
    memory, classes = memory_classes(on)
    traffic = model.stream(active, classes[:, None])
    distinct = _distinct(active, traffic)
    picked = active[distinct.position]
    rows, row = mapper_rows(on)
    cycles, read, written = mapped(picked, distinct.fused, rows, workers, progress)
    repeat = picked.repeat * distinct.times
    staged = stage(traffic[:, distinct.position, None, :], off)
    program = _program(active, off)
    moved = (staged.dram_bytes * picked.repeat[:, None] + program) * distinct.times[:, None]
    total = moved.sum(axis=1)
    macs = float(active.macs.sum())
    return SweepTables(
        on_s=cycles * picked.repeat / rows.clock_hz[:, None],
        row=row,
        off_s=staged.dram_s * picked.repeat[:, None] + program / off.dram_bytes_per_s,
        memory=memory,
        count=distinct.times.astype(float),
        on_energy_j=on_chip_energy_j(
            on,
            tech,
            macs=np.array(macs),
            core_bytes=macs * on.operand_bytes,
            read_bytes=(read @ repeat)[row],
            written_bytes=(written @ repeat)[row],
        ),
        off_energy_j=off_chip_energy_j(off, tech, staged_bytes=total, dram_bytes=total),
        on_leakage_w=on_leakage_w(on, tech),
        off_leakage_w=off_leakage_w(off, tech),
        on_area_mm2=on_chip_area_mm2(on, tech),
        off_area_mm2=off_chip_area_mm2(off, tech),
    )


class _Distinct(NamedTuple):
    """Layers that differ, by their position in the network."""

    position: Int[ndarray, " l"]
    times: Int[ndarray, " l"]
    fused: Bool[ndarray, " l"]


def _distinct(active: Layers, traffic: Float[ndarray, "m L 4"]) -> _Distinct:
    """Layers of equal bounds whose traffic is the same in every memory class count as one."""
    bounds = active.table(np.int64)
    before = np.roll(bounds, 1, axis=0)
    fused = np.array([i > 0 and is_fused(bounds[i], before[i]) for i in range(len(bounds))])
    moved = np.moveaxis(traffic, 1, 0).reshape(len(bounds), -1)
    keys = np.concatenate([bounds, fused[:, None], moved], axis=1)
    _, position, count = np.unique(keys, axis=0, return_index=True, return_counts=True)
    return _Distinct(position, count, fused[position])


def memory_classes(on: Accelerators) -> tuple[Int[ndarray, " n"], Accelerators]:
    """The class of each chip by total PE memory, and one chip of each class."""
    keys = np.stack([on.pes * on.pe_memory_bytes, on.operand_bytes * 1.0])
    _, first, where = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    return where.ravel(), on[first]


def mapper_rows(on: Accelerators) -> tuple[Accelerators, Int[ndarray, " n"]]:
    """Chips that the mapper can tell apart, largest core memory first, and the row of each chip."""
    narrow, wide = np.minimum(on.pes_x, on.pes_y), np.maximum(on.pes_x, on.pes_y)
    alike = replace(on, pes_x=narrow, pes_y=wide)
    shape = (narrow, wide, on.cores, on.lanes, on.simd_width, on.operand_bytes, on.clock_hz)
    keys = np.stack([*(1.0 * column for column in shape), -on.core_memory_bytes])
    _, first, where = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    return alike[first], where.ravel()


def mapped(
    layers: Layers,
    fused: Bool[ndarray, " l"],
    rows: Accelerators,
    workers: int,
    progress: Progress,
) -> tuple[ndarray, ndarray, ndarray]:
    """(cycles, bytes read, bytes written) per repeat of every layer on every row, each (R, l)."""
    bounds, chips = layers.table(np.int64), rows.table(np.float64).astype(np.int64)
    out = [np.empty((len(chips), len(bounds))) for _ in range(3)]

    def run(part: slice) -> int:
        map_rows(bounds, fused, chips[part], *(array[part] for array in out))
        return part.stop - part.start

    starts = range(0, len(chips), _ROWS_AT_ONCE)
    parts = [slice(a, min(a + _ROWS_AT_ONCE, len(chips))) for a in starts]
    done = 0
    with ThreadPoolExecutor(workers) as pool:
        for finished in pool.map(run, parts):
            done += finished
            progress("map", done, len(chips), "")
    return out[0], out[1], out[2]


def _program(active: Layers, off: Accelerators) -> Float[ndarray, " f"]:
    """Program bytes that each layer fetches, by off-chip setting."""
    running = np.ones((1, len(active.repeat)))
    return instruction_bytes(running, off[:, None])[:, 0]
