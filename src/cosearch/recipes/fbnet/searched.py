"""The job of `fbnet`: limits, shared weights with theta, the choice, the winner trained alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.deep.data import ImageData
from cosearch.families.places import places_of
from cosearch.problem import Problem
from cosearch.problem.paths import PathTable
from cosearch.progress import Progress
from cosearch.recipes.deliver import deliver
from cosearch.recipes.fbnet.chosen import Logs, candidates
from cosearch.recipes.fbnet.expected import additive
from cosearch.recipes.fbnet.pictures import pictures
from cosearch.recipes.fbnet.proposals import Proposals
from cosearch.recipes.fbnet.trained import read_supernet, schedule, train_search
from cosearch.recipes.judged import judge
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.confirmed import confirm
from cosearch.recipes.trained.limits import limited
from cosearch.recipes.trained.measured import target_of
from cosearch.recipes.trained.result import Outcome, finish
from cosearch.recipes.trained.settings import LIMITED
from cosearch.recipes.trained.space import family_for
from cosearch.recipes.trained.target import Target

Folder = RunFolder[Any]


def search(folder: Folder, data: ImageData, progress: Progress) -> dict[str, Any]:
    """From images to a network within the limits, trained; returns the result."""
    family = family_for(folder.settings, data)
    places_of(family.chain)  # raises for what is not layer-wise
    target = target_of(folder, family, progress)
    problem, about = limited(folder, target.problem(family), progress)
    table = table_of(target, family)
    latency = additive(problem, table)
    ref_s = _aim(problem, about)
    found = train_search(folder, family, data, latency, ref_s, progress)
    chosen = folder.step("choice", lambda: _choose(folder, data, problem, table, found, progress))

    def judged(genomes: Int[ndarray, "n d"]) -> list[float]:
        return judge(read_supernet(folder, family), genomes, data, progress)

    propose = Proposals(chosen, problem, table, _logs(found), judged)
    best = confirm(folder, target, problem, propose, progress)
    plan = schedule(folder.settings, data)
    delivered = deliver(folder, best.network, data, plan.alone, progress)
    outcome = Outcome(
        best.network,
        best.metrics,
        problem.limits,
        family.space.values(best.genome),
        best.accuracy,
        _said(folder, found, chosen, best.genome, latency.error, len(data.train)),
        pictures(found, chosen, table, problem),
        {"profile": about, "candidates": chosen, "theta": found},
        best.again,
    )
    return finish(folder, data, target, outcome, delivered)


def table_of(target: Target, family: Any) -> PathTable:
    """What the blocks of `family` cost on the target, among the others."""
    if target.table is not None:
        return PathTable.of_lookup(family, target.table)
    assert target.device is not None
    return PathTable.in_context(family, target.device, LIMITED)


def _logs(found: dict[str, Any]) -> Logs:
    return [np.array(place) for place in found["log_probabilities"]]


def _aim(problem: Problem, about: dict[str, Any]) -> float:
    """The latency that losses with a reference aim at: the limit, or the space's median."""
    return problem.at_most.get("latency_s", about["median_s"])


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
    rng = np.random.default_rng([settings.seed, 1])
    some = candidates(problem, table, _logs(found), settings.samples, rng)
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
    folder: Folder,
    found: dict[str, Any],
    chosen: dict[str, Any],
    genome: Int[ndarray, " d"],
    error: float,
    images: int,
) -> dict[str, Any]:
    """How it was found, for people."""
    settings = folder.settings
    known = "for certain" if chosen["certain"] else "as far as was found"
    return {
        "loss": settings.loss,
        "epochs": len(found["entropies"]),
        "operators_mixed": settings.paths or "all",
        "most_probable_within_the_limits": known,
        "delivered": _winner(chosen, genome.tolist()),
        "latency_unit_s": found["unit_s"],
        "error_of_added_latencies": round(error, 4),
        "entropy_at_the_end": round(float(np.mean(found["entropies"][-1])), 3),
        "images_of_weights_and_theta": images,
    }


def _winner(chosen: dict[str, Any], genome: list[int]) -> str:
    """Which of the candidates, or that all of them took too long."""
    if genome not in chosen["genomes"]:
        return "the most probable of those that take less than all candidates"
    place = chosen["genomes"].index(genome)
    draws = len(chosen["genomes"]) - 1
    return f"draw {place} of {draws}" if place else "the most probable"
