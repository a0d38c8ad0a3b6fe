"""The exact sweep: every design evaluated, counted, and held against every budget."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np

from cosearch.cost.sweep.compiled import TILE, Compiled
from cosearch.cost.sweep.figures import Figures
from cosearch.cost.sweep.findings import Findings
from cosearch.cost.sweep.goal import Budget, Goal
from cosearch.cost.sweep.interface import SweepTables
from cosearch.cost.sweep.repeated import Repeated
from cosearch.cost.sweep.result import SweepResult, conclude
from cosearch.cost.sweep.tiles import Tile, tiles
from cosearch.errors import CosearchError
from cosearch.progress import Progress, silent

_ANY = Budget()  # whoever can run meets it
_NONE = (-1.0, 0)  # a bar that nobody is better than
_PATIENCE_S = 0.1


def sweep(
    workloads: Sequence[SweepTables],
    goal: Goal,
    *,
    reference: Figures | None = None,
    workers: int = 1,
    device: str = "cpu",
    progress: Progress = silent,
) -> SweepResult:
    """Evaluate all n_on * n_off designs on every workload.

    `reference`: one chip on the same workloads, (1, W); several workloads are weighed by how much
    faster than it a design is. Same result for any number of workers, and on any device.
    """
    _check(workloads, goal, reference, workers)
    makers, size = _makers(workloads, goal, reference, workers, device)
    findings = Findings(goal, math.prod(workloads[0].sizes))
    todo = tiles(workloads, size)
    _run_all(makers, todo, goal, findings, progress)
    return conclude(workloads, goal, reference, findings)


def _check(
    workloads: Sequence[SweepTables], goal: Goal, reference: Figures | None, workers: int
) -> None:
    if not workloads:
        raise CosearchError("no workload: at least one is needed")
    if workers < 1:
        raise CosearchError(f"workers = {workers}: at least 1 is needed")
    first = workloads[0]
    for other in workloads[1:]:
        same = first.sizes == other.sizes
        same = same and np.array_equal(first.on_area_mm2, other.on_area_mm2)
        if not (same and np.array_equal(first.off_area_mm2, other.off_area_mm2)):
            raise CosearchError("workloads: their tables are not of the same chips")
    if len(workloads) == 1:
        return
    if reference is None:
        raise CosearchError("several workloads: a reference chip is needed to weigh them")
    needed = [reference.latency_s] + [reference.energy_j] * goal.needs_energy
    figures = np.concatenate(needed)
    known = np.isfinite(figures) & (figures > 0)
    if figures.shape[1] != len(workloads) or not known.all():
        raise CosearchError(
            "the reference device's latency or energy of a workload is unknown: choose another"
        )


def _makers(
    workloads: Sequence[SweepTables],
    goal: Goal,
    reference: Figures | None,
    workers: int,
    device: str,
) -> tuple[list[Callable[[], Any]], int]:
    """One maker of an evaluator per worker, and the size of their tiles."""
    if device == "cpu":
        repeated = [Repeated.of(tables) for tables in workloads]
        return [lambda: Compiled(repeated, goal, reference)] * workers, TILE
    from cosearch.cost.sweep import on_torch

    found = on_torch.find_device(device.removeprefix("torch-"))
    return [lambda: on_torch.OnTorch(workloads, goal, reference, found)], on_torch.TILE


@dataclass(frozen=True)
class _Worker:
    goal: Goal
    findings: Findings
    todo: Iterator[Tile]
    stop: Event

    def run(self, make: Callable[[], Any]) -> None:
        """Take tiles until there are none, or somebody says stop."""
        evaluator = make()
        while not self.stop.is_set():
            with self.findings.lock:
                tile = next(self.todo, None)
            if tile is None:
                return
            self._evaluate(evaluator, tile)

    def _evaluate(self, evaluator: Any, tile: Tile) -> None:
        found, findings = evaluator.measure(tile), self.findings
        can_run, *_ = evaluator.meeting(found, _ANY, _NONE)
        for budget, best in zip(self.goal.budgets, findings.best, strict=True):
            listed = evaluator.meeting(found, budget, best.bar)
            with findings.lock:
                best.offer(*listed)
                unmet = best.met == 0
            if unmet:
                nearly = evaluator.violation(found, budget, best.violation)
                with findings.lock:
                    best.nearly(*nearly)
        if findings.front is not None:
            listed = evaluator.beyond(found, findings.front)
            with findings.lock:
                findings.front.offer(*listed)
        with findings.lock:
            findings.evaluated += len(tile.on) * len(found.off_area)
            findings.can_run += can_run


def _run_all(
    makers: Sequence[Callable[[], Any]],
    todo: Sequence[Tile],
    goal: Goal,
    findings: Findings,
    progress: Progress,
) -> None:
    """Share the tiles out; an error or an interrupt stops everybody at the end of a tile."""
    worker = _Worker(goal, findings, iter(todo), Event())
    with ThreadPoolExecutor(len(makers)) as pool:
        futures = [pool.submit(worker.run, make) for make in makers]
        try:
            _watch(futures, findings, progress)
        finally:
            worker.stop.set()


def _watch(futures: Sequence[Future[None]], findings: Findings, progress: Progress) -> None:
    left: set[Future[None]] = set(futures)
    while left:
        done, left = wait(left, _PATIENCE_S, FIRST_EXCEPTION)
        for future in done:
            future.result()
        progress("sweep", findings.evaluated, findings.total)
