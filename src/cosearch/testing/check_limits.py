"""What every search under a limit must keep: what it returns meets the limit, or none does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.columns import Columns
from cosearch.cost import CostModel
from cosearch.errors import LimitError
from cosearch.problem import Limit, Problem
from cosearch.problem.paths import Constraint, Sampler
from cosearch.problem.paths.sampling import reachable

# (the problem with its limits, a seed) -> the genome (d,) found; LimitError where there is none
Search = Callable[[Problem, int], Int[ndarray, " d"]]
_PROBED = 400


def check_limits(
    search: Search,
    family: Any,
    cost_model: CostModel,
    chip: Columns | None,
    *,
    metrics: tuple[str, ...] = ("latency_s", "energy_j"),
    limits: int = 100,
    seed: int = 0,
) -> int:
    """Run `search` under random limits; returns how many of them a network can meet.

    Limits lie from a quarter of the least that a network's parts add up to, to twice the median
    of random networks, on one metric or on all, in turn. What is returned must meet them by the
    cost model itself, and `LimitError` be raised only where the exact step finds no network
    either. Raises AssertionError naming the limits that were missed.
    """
    free = Problem(family, chip, cost_model, None)
    table = Constraint.of(free).table
    rng = np.random.default_rng(seed)
    modelled = free.model(Sampler.anywhere(table).sample(rng, _PROBED))
    span = {
        name: (reachable(table, name)[0] / 4, 2 * float(np.median(modelled[name])))
        for name in metrics
    }
    met = 0
    for trial in range(limits):
        names = metrics if trial % 2 else (metrics[trial // 2 % len(metrics)],)
        bounds = tuple(Limit(name, _between(*span[name], rng)) for name in names)
        problem = Problem(family, chip, cost_model, None, limits=bounds)
        met += _meets(search, Constraint(problem, table), trial)
    return met


def _between(low: float, high: float, rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _meets(search: Search, constraint: Constraint, seed: int) -> bool:
    said = ", ".join(f"{metric} {at:.6g}" for metric, at in constraint.limits.items())
    try:
        genome = np.asarray(search(constraint.problem, seed))
    except LimitError:
        step = constraint.final(None)
        assert not step.met, f"limits {said}: given up, but {step.genome.tolist()} meets them"
        return False
    assert constraint.filter(genome[None])[0], f"limits {said}: {genome.tolist()} misses them"
    return True
