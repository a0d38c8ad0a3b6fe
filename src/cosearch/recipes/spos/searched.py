"""The job of `spos`: limits, shared weights, evolution, the winner trained alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cosearch.deep.data import ImageData
from cosearch.deep.training import TrainSettings
from cosearch.progress import Progress
from cosearch.recipes.deliver import deliver
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.spos.draws import first_within, paths_for, table_of
from cosearch.recipes.spos.evolution import Evolved, evolve
from cosearch.recipes.spos.settings import SposSettings
from cosearch.recipes.spos.shared_weights import accuracy_of, steps_of, train_paths, training
from cosearch.recipes.trained.limits import limited
from cosearch.recipes.trained.result import Outcome, finish
from cosearch.recipes.trained.settings import LIMITED
from cosearch.recipes.trained.space import family_for
from cosearch.recipes.trained.target import find_target


def search(folder: RunFolder[Any], data: ImageData, progress: Progress) -> dict[str, Any]:
    """From images to a network within the limits, trained; returns the result."""
    settings: SposSettings = folder.settings
    target = find_target(settings.on)
    family = family_for(settings, data)
    problem, about = limited(folder, target.problem(family), progress)
    table = table_of(target, family)
    first = first_within(settings, table, problem)
    shared, alone = training(settings, data)
    sample = paths_for(settings, table, problem)
    weights = train_paths(folder, family, data, shared, sample, progress)
    accuracy = accuracy_of(family, weights, data, settings.scored_in)
    found = evolve(folder, problem, accuracy, first, progress)
    delivered = deliver(folder, family.network(found.genome), data, alone, progress)
    outcome = outcome_of(found, _said(settings, shared, data), {"profile": about})
    return finish(folder, data, target, outcome, delivered)


def _said(settings: SposSettings, shared: TrainSettings, data: ImageData) -> dict[str, Any]:
    return {"supernet_steps": steps_of(shared, data), "scored_in": settings.scored_in}


def outcome_of(
    found: Evolved,
    search: dict[str, Any],
    more: dict[str, Any],
    plots: tuple[dict[str, Any], ...] = (),
) -> Outcome:
    """What a result says of an evolution's winner."""
    trials, best = found.trials, found.best
    return Outcome(
        found.problem.networks.network(found.genome),  # type: ignore[union-attr]
        _known(trials.metric_at(best)),
        found.problem.limits,
        found.choices,
        found.accuracy,
        {
            **search,
            "trials": len(trials),
            "feasible": int(trials.feasible.sum()),
            "best": best,
        },
        plots,
        more,
    )


def _known(metrics: Mapping[str, float]) -> dict[str, float]:
    """What was asked of the target and answered; a table knows latencies only."""
    return {name: metrics[name] for name in LIMITED if np.isfinite(metrics[name])}
