"""A study's records for Optuna: its dashboard, its plots, its analyses."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from cosearch.errors import CosearchError
from cosearch.problem import Problem
from cosearch.quiet import quiet
from cosearch.search.adapters.library import library
from cosearch.space import Knob
from cosearch.study.trials import Trials

_WIDE: Final = 32.0  # from this ratio of the largest to the least choice, an axis is logarithmic


def to_optuna(problem: Problem, trials: Trials, storage: Any | None, name: str | None) -> Any:
    """An `optuna.Study` of all trials, in memory or in a new study of `storage`.

    Goals keep their directions and units. Each limit is a constraint: how far beyond it a design
    is, relatively. A design that cannot run is a failed trial. A knob of numbers becomes a range,
    one of words a category; knobs that do not count in a design are left out. Metrics are user
    attributes. Raises `CosearchError` if the storage has a study of that name.
    """
    optuna = library("optuna", wants="Study.to_optuna", extra="optuna")
    distributions = {knob.name: _distribution(optuna, knob) for knob in problem.space.knobs}
    with quiet():
        study = _new_study(optuna, problem, storage, name)
        study.add_trials(
            _trial(optuna, problem, trials, i, distributions) for i in range(len(trials))
        )
    return study


def _new_study(optuna: Any, problem: Problem, storage: Any | None, name: str | None) -> Any:
    directions = ["maximize" if goal.maximise else "minimize" for goal in problem.goals]
    try:
        study = optuna.create_study(storage=storage, study_name=name, directions=directions)
    except optuna.exceptions.DuplicatedStudyError as error:
        raise CosearchError(f"{storage} has a study {name!r}: give another name") from error
    study.set_metric_names([problem.called(goal.metric) for goal in problem.goals])
    return study


def _trial(
    optuna: Any, problem: Problem, trials: Trials, i: int, distributions: dict[str, Any]
) -> Any:
    params = problem.space.values(trials.genomes[i])
    metrics = {name: value for name, value in trials.metric_at(i).items() if np.isfinite(value)}
    values = [metrics.get(goal.metric) for goal in problem.goals]
    runs = None not in values and np.isfinite(trials.violations[i])
    state = optuna.trial.TrialState.COMPLETE if runs else optuna.trial.TrialState.FAIL
    return optuna.create_trial(
        state=state,
        params=params,
        distributions={name: distributions[name] for name in params},
        values=values if runs else None,
        constraints=_constraints(problem, metrics),
        user_attrs={
            **{problem.called(name): value for name, value in metrics.items()},
            "genome": trials.genomes[i].tolist(),
        },
    )


def _constraints(problem: Problem, metrics: dict[str, float]) -> dict[str, float]:
    """Above 0 where a limit is not met."""
    return {
        limit.metric: metrics[limit.metric] / limit.at_most - 1.0
        for limit in problem.limits
        if limit.metric in metrics
    }


def _distribution(optuna: Any, knob: Knob) -> Any:
    of = optuna.distributions
    numbers = [choice for choice in knob.choices if not isinstance(choice, (str, bool))]
    if len(numbers) < len(knob.choices):
        return of.CategoricalDistribution(knob.choices)
    low, high = min(numbers), max(numbers)
    log = low > 0 and high >= _WIDE * low
    if all(isinstance(number, int) for number in numbers):
        return of.IntDistribution(low, high, log=log)
    return of.FloatDistribution(low, high, log=log)
