"""One run: a network of a space, within the limit and near it, trained alone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from cosearch.deep.accuracy import evaluate
from cosearch.deep.module import to_module
from cosearch.deep.training import fit
from cosearch.problem import Problem
from cosearch.problem.paths import sample_paths
from cosearch.problem.paths.sampling import reachable
from cosearch.progress import Progress
from cosearch.recipes.hurricane.target import narrowed_problem, part_of
from cosearch.recipes.spos.draws import table_of
from experiments.hurricane.plan import AT_ONCE, NEAR, Run
from experiments.hurricane.setting import Setting


def execute(run: Run, setting: Setting, build: Path, progress: Progress) -> dict[str, Any]:
    """The figures of a run; killed, it goes on where it was."""
    start = time.perf_counter()
    problem = problem_of(run.arm, setting)
    family: Any = problem.networks
    limit_s = problem.at_most["latency_s"]
    genome = drawn(problem, setting, limit_s)[run.network]
    network = family.network(genome)
    module = to_module(network, seed=run.network)
    data = setting.data
    fit(
        module,
        data.train,
        setting.size.training(mirror=data.mirror),
        seed=run.network,
        checkpoint=build / f"{run.name}.pt",
        progress=progress,
    )
    return {
        "alpha": "" if run.arm == "hand-made" else f"{setting.generated.alpha:g}",
        "space": f"{family.space.size:.3g}",
        "limit_us": f"{limit_s * 1e6:.5g}",
        "latency_us": f"{problem.model(genome[None])['latency_s'][0] * 1e6:.5g}",
        "macs": network.macs,
        "params": network.params,
        "separable": sum(name.startswith("sep") for name in family.space.values(genome).values()),
        "accuracy": f"{evaluate(module, data.test):.4f}",
        "seconds": f"{time.perf_counter() - start:.0f}",
    }


def problem_of(arm: str, setting: Setting) -> Problem:
    """The arm's space on the target, with the limit of both."""
    if arm == "generated":
        return setting.generated.problem
    return narrowed_problem(setting.problem, setting.hand_made)


def drawn(problem: Problem, setting: Setting, limit_s: float) -> np.ndarray:
    """Genomes (n, d) of random networks that keep the limit, and use nearly all of it.

    Or of what the slowest network of the space takes, where that is less. Drawn by the blocks'
    times, which may add up to a little more than networks take: what the target's model finds
    beyond the limit is drawn again.
    """
    family: Any = problem.networks
    table = table_of(part_of(setting.target, family), family)
    at_least_s = NEAR * min(limit_s, reachable(table, "latency_s")[1])
    wanted, rng = setting.size.networks, np.random.default_rng(0)
    found: list[np.ndarray] = []
    while len(found) < wanted:
        genomes = sample_paths(
            table,
            rng,
            AT_ONCE,
            at_least={"latency_s": at_least_s},
            at_most={"latency_s": limit_s},
        )
        found += list(genomes[problem.violations(problem.model(genomes)) <= 0])
    return np.stack(found[:wanted])
