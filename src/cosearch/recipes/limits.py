"""Limits a person did not give, and whether any design can meet those in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from cosearch.cost import CostModel
from cosearch.errors import LimitError
from cosearch.families import NetworkFamily
from cosearch.hardware import Accelerators
from cosearch.problem import Goal, Problem
from cosearch.problem.goals import beside_limits
from cosearch.problem.paths import Constraint
from cosearch.problem.paths.profile import Profile, check_limits, profile
from cosearch.progress import Progress, renamed
from cosearch.recipes.run_folder import RunFolder
from cosearch.study import Study

_PROFILED: Final = 512  # networks drawn to learn what is usual on the baseline chip
_ATTEMPTS: Final = 2048  # designs tried before a limit is called out of reach


def derive_limits(
    networks: NetworkFamily, model: CostModel, baseline: Accelerators, given: Mapping[str, float]
) -> dict[str, float]:
    """Given limits, and for latency and area, where not given, what NAHAS compares at.

    Area: the baseline chip's. Latency: what a quarter of the space's networks reach on the
    baseline chip (its first quartile over 512 random networks, the same for every seed).
    """
    genomes = networks.space.sample(np.random.default_rng(0), _PROFILED)
    cost = model(networks.decode(genomes), baseline[None]).sum(-1)
    usual = {
        "latency_s": float(np.quantile(cost.latency_s, 0.25)),
        "area_mm2": float(cost.area_mm2[0]),
    }
    return {**usual, **given}


def check_reachable(folder: RunFolder[Any], problem: Problem, progress: Progress) -> None:
    """Raise `LimitError` with the least violation found if no design meets the limits.

    A search on the violation alone, before anything is trained; its records stay in `limits/`.
    """
    names = [limit.metric for limit in problem.limits]
    hardware_only = Problem(
        problem.networks,
        problem.chips,
        problem.cost_model,
        None,
        goals=tuple(Goal(name) for name in names),
        limits=problem.limits,
    )
    study = Study(folder.path / "limits", hardware_only, seed=folder.settings.seed)
    trials = study.run(_ATTEMPTS, progress=renamed(progress, "limits"), stop_when_feasible=True)
    progress("limits", len(trials), len(trials))
    if trials.feasible.any():
        return
    best = trials.metric_at(trials.best())
    violation = float(trials.violations[trials.best()])
    raise LimitError(
        f"no design of {len(trials)} tried meets the limits; the nearest has "
        f"{beside_limits(best, problem.at_most)}, violation {violation:.3g}; "
        f"records are in {folder.path / 'limits'}"
    )


def profile_space(constraint: Constraint, progress: Progress) -> Profile:
    """What the networks take, told line by line; `LimitError` where none meets the limits.

    For one device and a space of chains: exact where its cost model is additive.
    """
    found = profile(constraint)
    for about, line in found.lines().items():
        progress(f"space: {about}", found.networks, found.networks, line)
    check_limits(found, constraint)
    return found
