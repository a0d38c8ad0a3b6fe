"""Why is it slow? What bounds each layer, and what more of each resource would give.

The analysis with which the authors of EfficientNet-X (arXiv 2102.05610) found what to change in
later TPUs, for every kind of device: the model itself is asked about changed devices, all in one
batched call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy import ndarray

from cosearch.columns import Columns
from cosearch.cost.cost import Bound, Cost
from cosearch.cost.explain import Row, explain
from cosearch.cost.models import Device
from cosearch.cost.resources import Resource, present, resources_of
from cosearch.networks import Network

CAPACITY: Final = "capacity"
CANNOT_RUN: Final = "cannot run"
BOUNDS: Final = (*(bound.label for bound in Bound), CAPACITY, CANNOT_RUN)
_VERY_LARGE: Final = 2**20


def bottleneck(device: Device, network: Network) -> dict[str, Any]:
    """Plain data: `layers` and `total` as of `explain`, `shares`, `roofline` and `what_if`.

    Times are of one pass over the device's batch; `images_per_s` counts its images.
    A layer is bound by capacity where DRAM bounds it, and would not with very large memories.
    """
    chip = device.file.columns()
    doubled = present(chip)
    variants = [chip, with_large_memories(chip), *(double(chip, row) for row in doubled)]
    columns = type(chip).stack([variant[None] for variant in variants])
    costs = device.model(network.layers, columns)
    cost, roomy = costs[0], costs[1]
    rows, total = explain(cost, network)
    bounds = refined_bounds(cost, roomy)
    for row, bound in zip(rows, bounds, strict=True):
        row["bound_by"] = bound
    shares = time_shares(cost, bounds)
    most = next(iter(shares), "nothing")
    total["bound_by"] = most if most == CANNOT_RUN else f"mostly {most}"
    batch = int(getattr(chip, "batch", 1))
    total |= {"batch": batch, "images_per_s": _ratio(batch, cost.latency_s.sum())}
    return {
        "network": network.name,
        "device": device.file.model_dump(),
        "layers": rows,
        "total": total,
        "shares": shares,
        "roofline": roofline(cost, chip),
        "what_if": what_if(doubled, costs),
    }


def double(chip: Columns, resource: Resource) -> Columns:
    """The chip with twice as much of one resource."""
    return replace(chip, **{resource.column: getattr(chip, resource.column) * 2})


def with_large_memories(chip: Columns) -> Columns:
    """The chip with memories so large that everything fits."""
    memories = [row.column for row in resources_of(chip) if row.memory]
    return replace(chip, **{name: getattr(chip, name) * _VERY_LARGE for name in memories})


def refined_bounds(cost: Cost, roomy: Cost) -> list[str]:
    """What bounds each layer (L,), given its cost with very large memories too."""
    dram = cost.bound == Bound.DRAM
    freed = dram & (roomy.bound != Bound.DRAM)
    labels = np.array(BOUNDS)[cost.bound]
    labels = np.where(freed, CAPACITY, labels)
    found: list[str] = np.where(np.isfinite(cost.latency_s), labels, CANNOT_RUN).tolist()
    return found


def time_shares(cost: Cost, bounds: Sequence[str]) -> dict[str, float]:
    """Share of the time by bound, the largest first; what cannot run takes all of it."""
    stuck = ~np.isfinite(cost.latency_s)
    time = stuck.astype(float) if stuck.any() else cost.latency_s
    whole = time.sum() or 1.0
    found = {bound: float(time[np.array(bounds) == bound].sum() / whole) for bound in set(bounds)}
    return {bound: found[bound] for bound in sorted(found, key=lambda b: (-found[b], b))}


def roofline(cost: Cost, chip: Any) -> dict[str, Any]:
    """The roof, and per layer operational intensity against what it reaches.

    Operations are two per multiply-accumulate; `intensity` is per byte from or to DRAM, None where
    none moves; layers without multiply-accumulates reach 0. Devices with a vector unit of its own
    peak state that too.
    """
    vector, bandwidth = getattr(chip, "vector_macs_per_s", None), float(chip.dram_bytes_per_s)
    ops = 2.0 * cost.macs
    intensity = [_ratio(*pair) for pair in zip(ops, cost.dram_bytes, strict=True)]
    achieved = [_ratio(*pair) or 0.0 for pair in zip(ops, cost.latency_s, strict=True)]
    return {
        "peak_ops_per_s": float(2 * cost.peak_macs_per_s.max()),
        "vector_ops_per_s": None if vector is None else float(2 * vector),
        "dram_bytes_per_s": bandwidth if np.isfinite(bandwidth) else None,
        "intensity": intensity,
        "achieved_ops_per_s": achieved,
    }


def what_if(doubled: Sequence[Resource], costs: Cost) -> list[Row]:
    """Latency with each resource doubled, the least first; `costs` (2 + resources, L)."""
    latency: ndarray = costs.latency_s.sum(-1)
    rows = [
        {
            "resource": resource.label,
            "column": resource.column,
            "latency_us": float(after * 1e6) if np.isfinite(after) else None,
            "speedup": _ratio(latency[0], after),
        }
        for resource, after in zip(doubled, latency[2:], strict=True)
    ]
    return sorted(rows, key=lambda row: row["latency_us"] or np.inf)


def _ratio(top: float, bottom: float) -> float | None:
    """None where it says nothing: nothing over nothing, or what cannot run."""
    if not (np.isfinite(top) and np.isfinite(bottom) and bottom > 0):
        return None
    return float(top / bottom)
