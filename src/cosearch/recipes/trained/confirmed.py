"""From what was predicted to what is so: the best network that is within the limit when measured.

A table or a calibration proposes, the device decides. How far the two lie apart is observed, as
ratios measured / predicted; what would miss the limit even at the least of them is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import LimitError
from cosearch.networks import Network
from cosearch.problem import Problem
from cosearch.progress import Progress
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.again import taken_again
from cosearch.recipes.trained.settings import LIMITED
from cosearch.recipes.trained.target import Target
from cosearch.study import Trials
from cosearch.units import show

TRIES: Final = 12

Genome = Int[ndarray, " d"]


@dataclass(frozen=True)
class Proposed:
    """A network by its genome, and its accuracy as the search knows it."""

    genome: Genome
    accuracy: float


# The best network predicted to take at most so many seconds that is not among those given.
Propose = Callable[[float, Sequence[Genome]], Proposed | None]


@dataclass(frozen=True)
class Confirmed:
    """What is delivered; `metrics` are as predicted. `again`: what was measured, the last it."""

    genome: Genome
    accuracy: float
    network: Network
    metrics: Mapping[str, float]
    again: Sequence[Mapping[str, Any]]


def confirm(
    folder: RunFolder[Any], target: Target, problem: Problem, propose: Propose, progress: Progress
) -> Confirmed:
    """The best proposal; where it can be measured, the best that is then within the limit.

    Raises `LimitError` that says by how much the nearest misses it.
    """
    limit_s = problem.at_most.get("latency_s", np.inf)
    at_most_s, tried, again = limit_s, list[Genome](), list[dict[str, Any]]()
    while len(tried) < TRIES and (best := propose(at_most_s, tried)) is not None:
        found = _described(problem, best)
        if target.place is None:
            return found
        progress("measured again", len(tried), len(tried) + 1)
        row = taken_again(folder, len(tried), found.network, target.place, limit_s)
        again.append({"predicted_s": found.metrics["latency_s"], **row})
        if row["met"]:
            progress("measured again", len(again), len(again))
            return Confirmed(found.genome, found.accuracy, found.network, found.metrics, again)
        tried.append(best.genome)
        at_most_s = limit_s / min(each["high_s"] / each["predicted_s"] for each in again)
    raise missed(again, limit_s)


def tightened(problem: Problem, at_most_s: float) -> Problem:
    """With this limit on latency, where it has one."""
    limits = tuple(
        replace(limit, at_most=at_most_s) if limit.metric == "latency_s" else limit
        for limit in problem.limits
    )
    return replace(problem, limits=limits)


def best_left(trials: Trials, tried: Sequence[Genome]) -> Proposed | None:
    """The best of the trials that is within their limits, but for those tried."""
    new = [not any((genome == old).all() for old in tried) for genome in trials.genomes]
    left = trials[np.flatnonzero(trials.feasible & np.array(new, dtype=bool))]
    if not len(left):
        return None
    best = left.best()
    return Proposed(left.genomes[best], float(left.metrics["accuracy"][best]))


def place_in(trials: Trials, genome: Genome) -> int | None:
    """Where the genome was tried first; None where it was not, but drawn afterwards."""
    found = np.flatnonzero((trials.genomes == genome).all(axis=1))
    return int(found[0]) if len(found) else None


def missed(again: Sequence[Mapping[str, Any]], limit_s: float) -> LimitError:
    """Where nothing measured was within."""
    if not again:
        return LimitError(f"no network found is within {show(limit_s, 'time', 4)}")
    nearest = min(row["high_s"] for row in again)
    return LimitError(
        f"none of the best {len(again)} networks kept {show(limit_s, 'time', 4)} when measured "
        f"whole in a fresh process; the nearest took up to {show(nearest, 'time', 4)}, "
        f"{nearest / limit_s - 1:.1%} over: the machine may be busier than it was"
    )


def _described(problem: Problem, best: Proposed) -> Confirmed:
    metrics = problem.model(best.genome[None])
    known = {name: float(metrics[name][0]) for name in LIMITED if np.isfinite(metrics[name][0])}
    networks: Any = problem.networks
    return Confirmed(best.genome, best.accuracy, networks.network(best.genome), known, ())
