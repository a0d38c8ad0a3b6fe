"""Problems that make no sense, refused with one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cosearch.columns import Columns
from cosearch.cost import AsksGenomes, AsksNetworks
from cosearch.errors import CosearchError, unknown
from cosearch.problem.goals import METRICS
from cosearch.problem.rewards import LEXICOGRAPHIC, REWARDS
from cosearch.problem.workloads import Workloads

if TYPE_CHECKING:
    from cosearch.problem.problem import Problem


def check(problem: Problem) -> None:
    """Raise `CosearchError` for the first thing that is wrong."""
    if not problem.goals:
        raise CosearchError("no goal: at least one is needed")
    limited = [limit.metric for limit in problem.limits]
    for metric in limited:
        if limited.count(metric) > 1:
            raise CosearchError(f"limit on {metric}: given twice")
    if isinstance(problem.networks, Workloads):
        _check_workloads(problem)
    of_one_device = isinstance(problem.cost_model, AsksNetworks | AsksGenomes)
    if problem.chips is None and not of_one_device:
        raise CosearchError(f"cost model {problem.cost_model.name}: needs a chip, None is given")
    if problem.reward != LEXICOGRAPHIC:
        _check_reward(problem)
    if problem.exponent is not None:
        _check_exponent(problem)
    if problem.score is not None and any(limit.metric == "accuracy" for limit in problem.limits):
        raise CosearchError(f"limit on accuracy: there is none, only {problem.score.name}")


def _check_workloads(problem: Problem) -> None:
    if problem.chips is None or isinstance(problem.chips, Columns):
        raise CosearchError("workloads and chip are both fixed: nothing is left to search")
    if problem.accuracy is not None or any(goal.metric == "accuracy" for goal in problem.goals):
        left = ", ".join(METRICS[1:])
        raise CosearchError(f"fixed workloads have no accuracy to search for: goals may be {left}")


def _check_reward(problem: Problem) -> None:
    name, goal = problem.reward, problem.goals[0]
    if name not in REWARDS:
        raise unknown("reward", name, (LEXICOGRAPHIC, *REWARDS))
    if goal.maximise and goal.metric != "accuracy":
        raise CosearchError(f"reward {name!r}: {goal.metric} cannot be maximised; only accuracy")
    if not problem.limits and name != "zero":
        raise CosearchError(f"reward {name!r} weighs the goal against limits: none is given")
    if name == "absolute" and goal.metric != "accuracy":
        raise CosearchError(
            f"reward 'absolute' adds to the goal, which must be a share such as accuracy, not "
            f"{goal.metric}; 'soft' and 'hard' multiply"
        )
    score = problem.score
    if goal.metric == "accuracy" and score is not None and score.spread is None:
        raise CosearchError(
            f"reward {name!r} needs a share, and {score.name} is none: give Score.against a sample "
            "of the space, or take reward 'lexicographic'"
        )


def _check_exponent(problem: Problem) -> None:
    form = REWARDS.get(problem.reward)
    if form is None or form.exponent is None:
        raise CosearchError(f"exponent = {problem.exponent}: reward {problem.reward!r} has none")
    if not problem.exponent or not -100 <= problem.exponent < 0:
        raise CosearchError(f"exponent = {problem.exponent}: a number from -100 to below 0 needed")
