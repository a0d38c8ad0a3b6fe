"""The job of `fbnet`: limits, shared weights with theta, the choice, the winner trained alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from cosearch.deep.data import ImageData
from cosearch.families.places import places_of
from cosearch.problem import Problem
from cosearch.problem.paths import PathTable
from cosearch.progress import Progress
from cosearch.recipes.deliver import deliver
from cosearch.recipes.fbnet.chosen import candidates
from cosearch.recipes.fbnet.expected import additive
from cosearch.recipes.fbnet.pictures import pictures
from cosearch.recipes.fbnet.trained import read_supernet, schedule, train_search
from cosearch.recipes.judged import judge
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.limits import limited
from cosearch.recipes.trained.result import Outcome, finish
from cosearch.recipes.trained.settings import LIMITED
from cosearch.recipes.trained.space import family_for
from cosearch.recipes.trained.target import Target, find_target

Folder = RunFolder[Any]


def search(folder: Folder, data: ImageData, progress: Progress) -> dict[str, Any]:
    """From images to a network within the limits, trained; returns the result."""
    target = find_target(folder.settings.on)
    family = family_for(folder.settings, data)
    places_of(family.chain)  # raises for what is not layer-wise
    problem, about = limited(folder, target.problem(family), progress)
    table = table_of(target, family)
    latency = additive(problem, table)
    ref_s = _aim(problem, about)
    found = train_search(folder, family, data, latency, ref_s, progress)
    chosen = folder.step("choice", lambda: _choose(folder, data, problem, table, found, progress))
    genome = np.array(chosen["genomes"][chosen["best"]])
    plan = schedule(folder.settings, data)
    network = family.network(genome)
    delivered = deliver(folder, network, data, plan.alone, progress)
    metrics = problem.model(genome[None])
    outcome = Outcome(
        network,
        {name: float(metrics[name][0]) for name in LIMITED if np.isfinite(metrics[name][0])},
        problem.limits,
        family.space.values(genome),
        chosen["accuracies"][chosen["best"]],
        _said(folder, found, chosen, latency.error, len(data.train)),
        pictures(found, chosen, table, problem),
        {"profile": about, "candidates": chosen, "theta": found},
    )
    return finish(folder, data, target, outcome, delivered)


def table_of(target: Target, family: Any) -> PathTable:
    """What the blocks of `family` cost on the target, among the others."""
    if target.table is not None:
        return PathTable.of_lookup(family, target.table)
    assert target.device is not None
    return PathTable.in_context(family, target.device, LIMITED)


def _aim(problem: Problem, about: dict[str, Any]) -> float:
    """The latency that losses with a reference aim at: the limit, or the space's median."""
    limits = {limit.metric: limit.at_most for limit in problem.limits}
    return limits.get("latency_s", about["median_s"])


def _choose(
    folder: Folder,
    data: ImageData,
    problem: Problem,
    table: PathTable,
    found: dict[str, Any],
    progress: Progress,
) -> dict[str, Any]:
    """The candidates and how they did; `best` is the place of the winner."""
    settings = folder.settings
    logs = [np.array(place) for place in found["log_probabilities"]]
    rng = np.random.default_rng([settings.seed, 1])
    some = candidates(problem, table, logs, settings.samples, rng)
    supernet = read_supernet(folder, problem.networks)
    accuracies = judge(supernet, some.genomes, data, progress)
    return {
        "genomes": some.genomes.tolist(),
        "log_probabilities": some.log_probabilities.tolist(),
        "certain": some.certain,
        "accuracies": accuracies,
        "latency_s": problem.model(some.genomes)["latency_s"].tolist(),
        "best": int(np.argmax(accuracies)),  # of equals the more probable
    }


def _said(
    folder: Folder, found: dict[str, Any], chosen: dict[str, Any], error: float, images: int
) -> dict[str, Any]:
    """How it was found, for people."""
    settings = folder.settings
    known = "for certain" if chosen["certain"] else "as far as was found"
    best = chosen["best"]
    winner = "the most probable" if best == 0 else f"draw {best} of {len(chosen['genomes']) - 1}"
    return {
        "loss": settings.loss,
        "epochs": len(found["entropies"]),
        "operators_mixed": settings.paths,
        "most_probable_within_the_limits": known,
        "delivered": winner,
        "latency_unit_s": found["unit_s"],
        "error_of_added_latencies": round(error, 4),
        "entropy_at_the_end": round(float(np.mean(found["entropies"][-1])), 3),
        "images_of_weights_and_theta": images,
    }
