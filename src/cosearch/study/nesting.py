"""Networks of a table and chips together, exactly: accuracy first, then latency."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.accuracy import Memoised, TabularAccuracy
from cosearch.cost import EdgeModel
from cosearch.cost.sweep import Budget
from cosearch.cost.sweep.agreement import AGREE
from cosearch.cost.sweep.factors import genomes
from cosearch.cost.sweep.joint import JointFront, joint_front
from cosearch.errors import CosearchError, LimitError
from cosearch.problem import Goal, Problem, Workloads
from cosearch.progress import Progress, silent
from cosearch.space import every
from cosearch.study.solved import Solved, needs
from cosearch.units import show

GOALS: Final = (Goal("accuracy", maximise=True), Goal("latency_s"))
_LIMITS: Final = {"latency_s", "energy_j", "area_mm2"}


def by_nesting(problem: Problem, progress: Progress = silent, workers: int | None = None) -> Solved:
    """The one best design; raises `LimitError` where, for certain, none meets the limits."""
    front = joint_designs(problem, only_first=True, workers=workers, progress=progress)
    if not len(front):
        raise _nobody(problem, workers)
    found = genomes_of(problem, front)
    return Solved(
        genomes=found,
        method="exact nesting",
        designs=front.designs,
        can_run=None,
        within_limits=None,
        model_difference=model_difference(problem, front),
    )


def joint_designs(
    problem: Problem,
    *,
    only_first: bool = False,
    workers: int | None = None,
    progress: Progress = silent,
) -> JointFront:
    """The exact front of accuracy and latency within the limits; raises where there is no way."""
    accuracy, networks = _accuracy(problem), problem.networks
    assert not isinstance(networks, Workloads)
    every = _networks(problem)
    return joint_front(
        networks.decode(every),
        accuracy(every),
        _family(problem),
        _model(problem),
        Budget(**problem.at_most),
        only_first=only_first,
        workers=(os.cpu_count() or 1) if workers is None else workers,
        progress=progress,
    )


def genomes_of(problem: Problem, front: JointFront) -> Int[ndarray, "k d"]:
    """The front's designs as genomes of the problem."""
    chips = genomes(_family(problem), front.design)
    return np.concatenate([_networks(problem)[front.network], chips], axis=1)


def model_difference(problem: Problem, front: JointFront) -> float:
    """The largest relative difference of the front's figures from the model's own."""
    metrics = problem.evaluate(genomes_of(problem, front))
    pairs = [
        (front.merit, metrics["accuracy"]),
        (front.latency_s, metrics["latency_s"]),
        (front.area_mm2, metrics["area_mm2"]),
    ]
    worst = max(float(np.abs(ours / models - 1.0).max()) for ours, models in pairs)
    if worst > AGREE:
        raise CosearchError(f"nesting and model differ by {worst:.3g}; at most {AGREE} is allowed")
    return worst


def _networks(problem: Problem) -> Int[ndarray, "n k"]:
    """Every network, in lexicographic order."""
    assert not isinstance(problem.networks, Workloads)
    return every(problem.networks.space)


def _accuracy(problem: Problem) -> TabularAccuracy:
    """Raises unless goals, limits and accuracy are such that nesting covers every design."""
    accuracy = problem.accuracy
    if isinstance(accuracy, Memoised):
        accuracy = accuracy.inner
    if not isinstance(accuracy, TabularAccuracy):
        raise needs("fixed workloads, or networks whose accuracies are in a table")
    if problem.goals != GOALS:
        raise needs("the goals accuracy, then latency")
    if not problem.limits_bind:
        raise needs(f"limits that hold; reward {problem.reward!r} trades them")
    unknown = sorted({limit.metric for limit in problem.limits} - _LIMITS)
    if unknown:
        raise needs(f"no limit on {unknown[0]}")
    return accuracy


def _family(problem: Problem) -> Any:
    if getattr(problem.chips, "off_chip_knobs", None) is None:
        raise needs("a chip family that says which knobs are off chip (off_chip_knobs)")
    return problem.chips


def _model(problem: Problem) -> EdgeModel:
    if not isinstance(problem.cost_model, EdgeModel):
        raise needs(f"the edge model, not {problem.cost_model.name!r}")
    return problem.cost_model


def _nobody(problem: Problem, workers: int | None) -> LimitError:
    """Say how near the limits the fastest design within the area comes."""
    area = tuple(limit for limit in problem.limits if limit.metric == "area_mm2")
    front = joint_designs(replace(problem, limits=area), workers=workers)
    message = f"none of all {front.designs:,} designs meets the limits"
    if not len(front):
        return LimitError(f"{message}: no chip is so small")
    return LimitError(
        f"{message}: within the area the fastest takes {show(front.latency_s[-1], 'time', 4)}"
    )
