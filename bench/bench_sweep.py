"""The whole of Apollo's space: 452,760,000 accelerators for MobileNetV2, on two threads."""

from __future__ import annotations

import resource
from typing import Any

import numpy as np
import pytest

from cosearch.cost import EdgeModel
from cosearch.cost.sweep import Budget, Figures, Goal, SweepTables, sweep
from cosearch.cost.sweep.tables import tables
from cosearch.families import ApolloChipFamily, NahasChipFamily
from cosearch.networks import Layers
from cosearch.zoo import find_network

WORKERS = 2
BUDGETS = tuple(Budget(area_mm2=area) for area in (6.8, 5.8, 4.8))  # Apollo's


def made(layers: Layers) -> SweepTables:
    return tables(layers, ApolloChipFamily(), EdgeModel(), workers=WORKERS)


@pytest.fixture(scope="module")
def layers() -> Layers:
    """MobileNetV2; the kernels are compiled before anything is timed."""
    network = find_network("mobilenet-v2-1.0").layers
    small = tables(network, NahasChipFamily(), EdgeModel())
    sweep([small], Goal(budgets=BUDGETS, front=3))
    return network


def note(benchmark: Any, designs: int) -> None:
    """Designs per second, and the most memory the process ever held."""
    benchmark.extra_info["designs_per_s"] = round(designs / benchmark.stats["median"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB on Linux
    benchmark.extra_info["peak_mib"] = round(peak / 1024)


@pytest.mark.parametrize("front", [0, 2, 3])
def bench_sweep(benchmark: Any, layers: Layers, front: int) -> None:
    """Combining ready tables; with no front, latency-area, latency-area-energy."""
    workloads, goal = [made(layers)], Goal(budgets=BUDGETS, front=front)
    found = benchmark.pedantic(lambda: sweep(workloads, goal, workers=WORKERS), rounds=3)
    note(benchmark, found.evaluated)


def bench_sweep_with_tables(benchmark: Any, layers: Layers) -> None:
    """All of it: tables, sweep, three budgets, the front of latency and area."""
    goal = Goal(budgets=BUDGETS, front=2)
    found = benchmark.pedantic(lambda: sweep([made(layers)], goal, workers=WORKERS), rounds=3)
    note(benchmark, found.evaluated)


def bench_three_workloads(benchmark: Any, layers: Layers) -> None:
    """MobileNetV2, ResNet-50 and EfficientNet-EdgeTPU-S by their geometric mean, with tables."""
    names = ("resnet-50", "efficientnet-edgetpu-s")
    networks = [layers, *(find_network(name).layers for name in names)]
    goal, reference = Goal(budgets=BUDGETS, front=2), _reference(len(networks))

    def all_of_it() -> Any:
        workloads = [made(network) for network in networks]
        return sweep(workloads, goal, reference=reference, workers=WORKERS)

    note(benchmark, benchmark.pedantic(all_of_it, rounds=1).evaluated)


def _reference(workloads: int) -> Figures:
    """A millisecond and a millijoule each: what it is changes no time."""
    same = np.full((1, workloads), 1e-3)
    return Figures(np.array([-1]), np.array([1.0]), same, same)
