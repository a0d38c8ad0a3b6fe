"""The exact sweep of an accelerator space: every design, as Apollo could only sample it.

Apollo (arXiv 2102.01723) searched 452,760,000 designs with a few thousand trials per study.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cosearch.cost import EdgeModel
from cosearch.cost.models import find_device
from cosearch.cost.sweep import AGGREGATES, Budget, Figures, Goal, SweepTables, sweep
from cosearch.cost.sweep.agreement import model_difference
from cosearch.cost.sweep.on_torch import find_device as find_device_of_torch
from cosearch.cost.sweep.tables import tables
from cosearch.errors import CosearchError, unknown
from cosearch.families import FAMILIES
from cosearch.networks import Network
from cosearch.progress import Progress, silent
from cosearch.recipes.sweep_rows import result_rows

NODE_NM: Final = 22.0


@dataclass(frozen=True)
class Request:
    """What to sweep, for which networks, under which budgets."""

    space: str
    networks: Sequence[Network]
    budgets: tuple[Budget, ...] = (Budget(),)
    objective: str = "latency"
    aggregate: str = "geomean"
    top: int = 10
    front: int = 2  # objectives: latency and area, with energy if 3, none if 0
    reference: str = "edge-tpu-v1"
    workers: int = 1
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise CosearchError(f"workers = {self.workers}: at least 1 is needed")
        if self.device not in ("cpu", "cuda"):
            raise unknown("device to sweep on", self.device, ("cpu", "cuda"))
        if self.device != "cpu":
            find_device_of_torch(self.device)

    @property
    def goal(self) -> Goal:
        """As the sweep takes it."""
        if self.aggregate not in AGGREGATES:
            raise unknown("aggregate", self.aggregate, AGGREGATES)
        weigh = AGGREGATES[self.aggregate]
        return Goal(self.objective, self.budgets, self.top, self.front, weigh)


def find_space(name: str) -> Any:
    """A chip family of two sides, by its name in `FAMILIES` or that without "-chip"."""
    found = next((known for known in (name, f"{name}-chip") if known in FAMILIES), None)
    family = FAMILIES[found].make() if found else None
    if hasattr(family, "off_chip_knobs"):
        return family
    made = {known: entry.make() for known, entry in FAMILIES.items()}
    allowed = [known for known, each in made.items() if hasattr(each, "off_chip_knobs")]
    raise unknown("space to sweep", name, allowed)


def run(request: Request, progress: Progress = silent) -> dict[str, Any]:
    """Tables, sweep, and the optima held against the model itself; plain data, people's units."""
    family, goal, model = find_space(request.space), request.goal, EdgeModel(node_nm=NODE_NM)
    names = _names(request.networks)
    reference = _reference(request.reference, request.networks)
    start = time.perf_counter()
    workloads = [_tables(network, family, model, request, progress) for network in request.networks]
    between = time.perf_counter()
    found = sweep(
        workloads,
        goal,
        reference=reference,
        workers=request.workers,
        device=request.device,
        progress=progress,
    )
    end = time.perf_counter()
    layers = [network.layers for network in request.networks]
    difference = model_difference(found, family, model, layers)
    return {
        "space": family.name,
        "source": family.source,
        "workloads": [
            {"name": name, "macs": network.macs, "params": network.params}
            for name, network in zip(names, request.networks, strict=True)
        ],
        "objective": request.objective,
        "aggregate": request.aggregate,
        "reference": {
            "device": request.reference,
            "latency_ms": dict(zip(names, _milliseconds(reference), strict=True)),
        },
        "node_nm": NODE_NM,
        "evaluated": found.evaluated,
        "can_run": found.can_run,
        **result_rows(found, family, names),
        "model_difference": difference,
        "seconds": {"tables": round(between - start, 3), "sweep": round(end - between, 3)},
    }


def _tables(
    network: Network, family: Any, model: EdgeModel, request: Request, progress: Progress
) -> SweepTables:
    def show(phase: str, done: int, total: int, note: str = "") -> None:
        progress(f"tables: {network.name}", done, total, note)

    return tables(network.layers, family, model, workers=request.workers, progress=show)


def _reference(name: str, networks: Sequence[Network]) -> Figures:
    """The reference device on every workload."""
    device = find_device(name)
    costs = [device(network.layers).sum(-1) for network in networks]
    return Figures(
        design=np.array([-1]),
        area_mm2=np.array([float(costs[0].area_mm2)]),
        latency_s=np.array([[float(cost.latency_s) for cost in costs]]),
        energy_j=np.array([[float(cost.energy_j) for cost in costs]]),
    )


def _milliseconds(reference: Figures) -> list[float | None]:
    """By workload; None where it cannot run."""
    return [float(s) * 1e3 if np.isfinite(s) else None for s in reference.latency_s[0]]


def _names(networks: Sequence[Network]) -> list[str]:
    names = [network.name for network in networks]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise CosearchError(f"workload {twice[0]}: given twice")
    return names
