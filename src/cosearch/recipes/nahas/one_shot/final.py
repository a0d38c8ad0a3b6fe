"""The last step: the most probable pair of network and accelerator within the limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.hardware import Accelerators
from cosearch.problem import Problem
from cosearch.problem.paths import Candidate, Paths, PathTable, Step, best_pair, best_path
from cosearch.progress import Progress
from cosearch.space import every

Logs = Sequence[Float[ndarray, " c"]]  # log-probabilities by knob
_METRICS: Final = ("latency_s", "energy_j")
_AT_ONCE: Final = 4  # chips gone into together
_CHIPS: Final = 2048  # designs that are modelled together
MOST: Final = 64  # chips gone into by their probability


@dataclass(frozen=True)
class Pair:
    """What was found: a network by its genome, a chip by its own, and what the model says.

    `certain`: no pair within the limits is more probable, as far as each chip's step is (`Step`)
    and whether all chips were gone into that could matter.
    """

    step: Step
    chip: Int[ndarray, " k"]
    log_probability: float
    certain: bool
    chips: int  # gone into


def most_probable_pair(problem: Problem, logs: Logs, progress: Progress) -> Pair:
    """Chips by falling probability, on each the best path, until no other could be better.

    Where none of `MOST` chips carries a network within the limits, those are gone into on which
    the network that came nearest is within them: so a policy that learnt little fails no limit
    that can be met by it.
    """
    chips, scores = _by_probability(problem, logs[len(_knobs(problem)) :])
    found = _first(problem, logs, chips[:MOST], scores[:MOST], progress)
    if found.step.met:
        return found
    carrying = np.flatnonzero(_excess(problem, found.step.genome, chips) == 0)[:MOST]
    if not len(carrying):
        return found
    other = _first(problem, logs, chips[carrying], scores[carrying], progress)
    return replace(other, certain=False, chips=found.chips + other.chips)


def _first(
    problem: Problem,
    logs: Logs,
    chips: Int[ndarray, "n k"],
    scores: Float[ndarray, " n"],
    progress: Progress,
) -> Pair:
    """The most probable pair of these chips, which come by falling probability."""
    of_network = logs[: len(_knobs(problem))]
    paths = Paths.of(problem.networks)
    found: Pair | None = None
    hope = np.inf  # of the most probable network of all
    for at in range(0, len(chips), _AT_ONCE):
        if found and found.step.met and scores[at] + hope <= found.log_probability:
            return replace(found, certain=found.step.certain)
        progress("chips", at, len(chips))
        some = range(at, min(at + _AT_ONCE, len(chips)))
        candidates = [_candidate(problem, paths, chips[i], scores[i]) for i in some]
        i, step = best_pair(candidates, of_network, problem.at_most)
        hope = best_path(candidates[0].table, of_network, {}).score
        pair = Pair(step, chips[at + i], scores[at + i] + step.score, False, at + len(some))
        found = pair if found is None else _better(found, pair)
    assert found is not None  # a space of chips is not empty
    return found


def _knobs(problem: Problem) -> Any:
    networks: Any = problem.networks
    return networks.space.knobs


def _excess(
    problem: Problem, network: Int[ndarray, " d"], chips: Int[ndarray, "n k"]
) -> Float[ndarray, " n"]:
    """By how much one network is beyond the limits on each chip."""
    designs = np.concatenate([np.broadcast_to(network, (len(chips), len(network))), chips], axis=1)
    parts = [designs[at : at + _CHIPS] for at in range(0, len(designs), _CHIPS)]
    return np.concatenate([problem.violations(problem.model(part)) for part in parts])


def on_chip(problem: Problem, logs: Logs) -> Step:
    """The most probable network of a problem whose chip is given; or the nearest there is."""
    paths = Paths.of(problem.networks)
    assert isinstance(problem.chips, Accelerators)
    candidate = Candidate(0.0, _table(problem, paths, problem.chips), problem.model)
    return best_pair([candidate], logs, problem.at_most)[1]


def _by_probability(
    problem: Problem, logs: Logs
) -> tuple[Int[ndarray, "n k"], Float[ndarray, " n"]]:
    """Chips, those first that are not too large, and their log-probabilities."""
    chips: Any = problem.chips
    genomes = every(chips.space)
    scores = np.sum([log[genomes[:, knob]] for knob, log in enumerate(logs)], axis=0)
    model: Any = problem.cost_model
    area = {"latency_s": np.zeros(len(genomes)), "area_mm2": model.area_mm2(chips.decode(genomes))}
    excess = problem.violations(area, among=("area_mm2",))
    order = np.lexsort((-scores, excess))
    within = order[excess[order] == 0]
    kept = within if len(within) else order[:MOST]
    return genomes[kept], scores[kept]


def _candidate(problem: Problem, paths: Paths, chip: Int[ndarray, " k"], score: float) -> Candidate:
    chips: Any = problem.chips
    columns: Accelerators = chips.decode(chip[None])[0]
    alone = replace(problem, chips=columns)
    return Candidate(float(score), _table(problem, paths, columns), alone.model)


def _table(problem: Problem, paths: Paths, chip: Accelerators) -> PathTable:
    def cost(layers: Any) -> Any:
        return problem.cost_model(layers, chip[None])

    return PathTable.in_context(paths, cost, _METRICS)


def _better(one: Pair, other: Pair) -> Pair:
    def key(pair: Pair) -> tuple[float, float]:
        return -pair.step.violation, pair.log_probability

    best = max(one, other, key=key)
    return replace(best, chips=other.chips)
