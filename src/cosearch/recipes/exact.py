"""The last step of searches that end in probabilities: the most probable network within limits."""

from __future__ import annotations

from typing import Final

from cosearch.errors import LimitError
from cosearch.problem import Problem
from cosearch.problem.paths import PathTable, Step, exact_step
from cosearch.problem.paths.scoring import Per, Scores
from cosearch.units import show

_KINDS: Final = {"latency_s": "time", "energy_j": "energy", "area_mm2": "area"}


def most_probable(problem: Problem, table: PathTable, scores: Scores, per: Per = "knob") -> Step:
    """By the sum of `scores`, the logarithms of probabilities (see `exact_step`).

    Raises `LimitError` with the least violation where no network keeps the limits.
    """
    limits = {limit.metric: limit.at_most for limit in problem.limits}
    step = exact_step(table, scores, limits, problem.model, per=per)
    return met(step, problem)


def met(step: Step, problem: Problem) -> Step:
    """The step itself if it keeps the limits, else `LimitError`."""
    if step.met:
        return step
    figures = ", ".join(
        f"{limit.metric} {show(step.metrics[limit.metric], _KINDS[limit.metric], 4)} "
        f"(limit {show(limit.at_most, _KINDS[limit.metric], 4)})"
        for limit in problem.limits
    )
    known = (
        "no design meets" if step.certain else f"none of {step.asked:,} designs asked about meets"
    )
    raise LimitError(
        f"{known} the limits; the nearest has {figures}, violation {step.violation:.3g}"
    )
