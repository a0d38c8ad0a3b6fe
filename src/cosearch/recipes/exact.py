"""The last step of searches that end in probabilities: the most probable network within limits."""

from __future__ import annotations

from cosearch.problem import Problem
from cosearch.problem.paths import PathTable, Step, exact_step
from cosearch.problem.paths.scoring import Per, Scores


def most_probable(problem: Problem, table: PathTable, scores: Scores, per: Per = "knob") -> Step:
    """By the sum of `scores`, the logarithms of probabilities (see `exact_step`).

    Raises `LimitError` with the least violation where no network keeps the limits.
    """
    limits = problem.at_most
    return exact_step(table, scores, limits, problem.model, per=per).required(limits)
