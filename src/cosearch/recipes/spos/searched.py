"""The job of `spos`: limits, shared weights, evolution, the winner trained alone."""

from __future__ import annotations

from functools import partial
from typing import Any

from cosearch.deep.data import ImageData
from cosearch.deep.training import TrainSettings
from cosearch.progress import Progress
from cosearch.recipes.deliver import deliver
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.spos.draws import first_within, paths_for, table_of
from cosearch.recipes.spos.evolution import Evolved, evolve
from cosearch.recipes.spos.proposals import Proposals
from cosearch.recipes.spos.settings import SposSettings
from cosearch.recipes.spos.shared_weights import accuracy_of, steps_of, train_paths, training
from cosearch.recipes.trained.confirmed import Confirmed, confirm, place_in
from cosearch.recipes.trained.limits import limited
from cosearch.recipes.trained.measured import target_of
from cosearch.recipes.trained.result import Outcome, finish
from cosearch.recipes.trained.space import family_for


def search(folder: RunFolder[Any], data: ImageData, progress: Progress) -> dict[str, Any]:
    """From images to a network within the limits, trained; returns the result."""
    settings: SposSettings = folder.settings
    family = family_for(settings, data)
    target = target_of(folder, family, progress)
    problem, about = limited(folder, target.problem(family), progress)
    table = table_of(target, family)
    first = first_within(settings, table, problem)
    shared, alone = training(settings, data)
    sample = paths_for(settings, table, problem)
    weights = train_paths(folder, family, data, shared, sample, progress)
    accuracy = accuracy_of(family, weights, data, settings.scored_in)
    found = evolve(folder, problem, accuracy, first, progress)
    propose = Proposals(found, partial(first_within, settings, table), accuracy)
    chosen = confirm(folder, target, problem, propose, progress)
    delivered = deliver(folder, chosen.network, data, alone, progress)
    outcome = outcome_of(found, chosen, _said(settings, shared, data), {"profile": about})
    return finish(folder, data, target, outcome, delivered)


def _said(settings: SposSettings, shared: TrainSettings, data: ImageData) -> dict[str, Any]:
    return {"supernet_steps": steps_of(shared, data), "scored_in": settings.scored_in}


def outcome_of(
    found: Evolved,
    chosen: Confirmed,
    search: dict[str, Any],
    more: dict[str, Any],
    plots: tuple[dict[str, Any], ...] = (),
) -> Outcome:
    """What a result says of what was chosen of an evolution."""
    trials = found.trials
    return Outcome(
        chosen.network,
        chosen.metrics,
        found.problem.limits,
        found.problem.networks.space.values(chosen.genome),  # type: ignore[union-attr]
        chosen.accuracy,
        {
            **search,
            "trials": len(trials),
            "feasible": int(trials.feasible.sum()),
            "best": place_in(trials, chosen.genome),
        },
        plots,
        more,
        chosen.again,
    )
