"""`optimizer="exact"`: the best there is, where a problem's structure lets every design be covered.

Two ways: the exact sweep of chips for given networks, and nesting for networks of a table. Another
is a function like these, and a line in `solve`.
"""

from __future__ import annotations

import os
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.cost import EdgeModel
from cosearch.cost.sweep import Answer, Budget, Figures, Goal, sweep
from cosearch.cost.sweep.agreement import model_difference
from cosearch.cost.sweep.factors import genomes
from cosearch.cost.sweep.tables import tables
from cosearch.problem import Problem, Workloads
from cosearch.progress import Progress, silent
from cosearch.study.nesting import by_nesting
from cosearch.study.solved import Solved, needs

# Metric of a goal -> the sweep's objective.
_OBJECTIVES: Final = {"latency_s": "latency", "energy_j": "energy", "area_mm2": "area"}


def solve(problem: Problem, top: int, progress: Progress = silent, **options: Any) -> Solved:
    """The `top` designs of `problem`, certainly; where networks are searched as well, the best.

    `options`: `workers` (threads), and for given networks `device`.

    Raises `CosearchError` where no method covers the problem, and says what it would take.
    """
    if isinstance(problem.networks, Workloads):
        return _by_sweep(problem, problem.networks, top, progress, **options)
    return by_nesting(problem, progress, **options)


def _by_sweep(
    problem: Problem,
    given: Workloads,
    top: int,
    progress: Progress,
    *,
    workers: int | None = None,
    device: str = "cpu",
) -> Solved:
    family, model = _factored(problem), problem.cost_model
    assert isinstance(model, EdgeModel)
    goal = Goal(_objective(problem), (_budget(problem, given),), min(top, family.space.size))
    threads = (os.cpu_count() or 1) if workers is None else workers
    workloads = [network.layers for network in given.networks]
    made = [
        tables(n.layers, family, model, workers=threads, progress=_named(progress, n.name))
        for n in given.networks
    ]
    found = sweep(
        made,
        goal,
        reference=_unit(len(workloads)),
        workers=threads,
        device=device,
        progress=progress,
    )
    answer = found.answers[0]
    return Solved(
        genomes=genomes(family, _designs(answer)),
        method="exact sweep",
        designs=found.evaluated,
        can_run=found.can_run,
        within_limits=answer.met,
        model_difference=model_difference(found, family, model, workloads),
    )


def _named(progress: Progress, workload: str) -> Progress:
    def show(phase: str, done: int, total: int, note: str = "") -> None:
        progress(f"tables: {workload}", done, total, note)

    return show


def _designs(answer: Answer) -> Int[ndarray, " k"]:
    """Within the limits, or the nearest to them."""
    return answer.best.design if answer.nearest is None else answer.nearest.design


def _factored(problem: Problem) -> Any:
    """The chips, as the sweep takes them."""
    family = problem.chips
    if getattr(family, "off_chip_knobs", None) is None:
        raise needs("a chip family that says which knobs are off chip (off_chip_knobs)")
    if not isinstance(problem.cost_model, EdgeModel):
        raise needs(f"the edge model, not {problem.cost_model.name!r}")
    return family


def _objective(problem: Problem) -> str:
    if len(problem.goals) > 1:
        raise needs(f"a single goal; here are {len(problem.goals)}")
    if not problem.limits_bind:
        raise needs(f"limits that hold; reward {problem.reward!r} trades them")
    goal = problem.goals[0]
    if goal.maximise:
        raise needs(f"a goal to minimise; {goal.metric} is to be maximised")
    return _OBJECTIVES[goal.metric]


def _budget(problem: Problem, given: Workloads) -> Budget:
    limits = problem.at_most
    unknown = sorted(limits.keys() - _OBJECTIVES)
    if unknown:
        raise needs(f"no limit on {unknown[0]}")
    beyond = sorted(limits.keys() - {"area_mm2"})
    if beyond and len(given.networks) > 1:
        raise needs(f"no limit on the mean {beyond[0]} of several workloads; one on area will do")
    return Budget(**limits)


def _unit(workloads: int) -> Figures:
    """A reference that orders designs as any other does: 1 ms, 1 mJ."""
    each = np.full((1, workloads), 1e-3)
    return Figures(design=np.array([-1]), area_mm2=np.ones(1), latency_s=each, energy_j=each)
