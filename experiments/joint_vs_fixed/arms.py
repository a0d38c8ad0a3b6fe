"""The arms: one chip given, both searched, or first the chip and then the network."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from cosearch.cost import EdgeModel
from cosearch.families import FAMILIES, NahasChipFamily
from cosearch.hardware import find_chip
from cosearch.problem import Goal, Limit, Problem, Workloads
from cosearch.study import Study, Trials

BASELINE: Final = "nahas-baseline"
OPTIMIZER: Final = "genetic"
MEDIUM: Final = "12111210"  # the network the phased arm designs its chip for, as the table codes it


@dataclass(frozen=True)
class Case:
    """One search: an arm under a latency limit, with so many accuracies to ask for."""

    arm: str
    latency_s: float
    trials: int
    seed: int


def run(case: Case, accuracy: Any) -> dict[str, float]:
    """Metrics of the best design found; all NaN where none met the limits."""
    baseline = find_chip(BASELINE).columns()
    area = float(EdgeModel().area_mm2(baseline[None])[0])
    limits = (Limit("latency_s", case.latency_s), Limit("area_mm2", area))
    networks = FAMILIES["nas-bench-macro"].make()
    goals = (Goal("accuracy", maximise=True), Goal("latency_s"))
    problem = Problem(networks, baseline, EdgeModel(), accuracy, goals=goals, limits=limits)
    return ARMS[case.arm](problem, case)


def _fixed(problem: Problem, case: Case) -> dict[str, float]:
    return _best(_searched(problem, case, case.trials))


def _joint(problem: Problem, case: Case) -> dict[str, float]:
    return _best(_searched(replace(problem, chips=NahasChipFamily()), case, case.trials))


def _phased(problem: Problem, case: Case) -> dict[str, float]:
    """Half of the trials for the fastest chip of one network, half for networks on that chip."""
    from cosearch.families.nas_bench_macro import layers_of

    networks: Any = problem.networks
    medium = networks.network(networks.space.encode(layers_of(MEDIUM)))
    area = tuple(limit for limit in problem.limits if limit.metric == "area_mm2")
    chips = Problem(
        Workloads((medium,)),
        NahasChipFamily(),
        problem.cost_model,
        None,
        goals=(Goal("latency_s"),),
        limits=area,
    )
    found = _searched(chips, case, case.trials // 2)
    chip = NahasChipFamily().decode(found.genomes[found.best()][None])[0]
    return _best(_searched(replace(problem, chips=chip), case, case.trials // 2))


def _searched(problem: Problem, case: Case, trials: int) -> Trials:
    with tempfile.TemporaryDirectory() as folder:
        return Study(Path(folder) / "study", problem, OPTIMIZER, case.seed).run(trials)


def _best(trials: Trials) -> dict[str, float]:
    best = trials.best()
    if not trials.feasible[best]:
        return dict.fromkeys(trials.metrics, np.nan)
    return dict(trials.metric_at(best))


ARMS: Final[Mapping[str, Callable[[Problem, Case], dict[str, float]]]] = {
    "fixed": _fixed,
    "joint": _joint,
    "phased": _phased,
}
