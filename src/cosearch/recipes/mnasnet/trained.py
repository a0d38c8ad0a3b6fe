"""MnasNet's search as published, on a person's images: every child is trained for a few epochs.

Or none is, and a zero-cost proxy ranks them. Only children predicted to be within the limit
are trained or scored, and each once. The best that keeps it, measured whole where it can be, is
trained alone, quantised, exported and measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cosearch.accuracy import Accuracy
from cosearch.deep.child_accuracy import ChildAccuracy
from cosearch.deep.data import ImageData
from cosearch.deep.training import TrainSettings, plan_for
from cosearch.problem import Problem, Score
from cosearch.progress import Progress
from cosearch.recipes.deliver import deliver
from cosearch.recipes.mnasnet.children import search_children
from cosearch.recipes.mnasnet.settings import MnasnetSettings
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.scored import proxy_for, score_for, told
from cosearch.recipes.trained.confirmed import (
    Confirmed,
    Genome,
    Proposed,
    best_left,
    confirm,
    place_in,
    tightened,
)
from cosearch.recipes.trained.limits import limited
from cosearch.recipes.trained.measured import target_of
from cosearch.recipes.trained.result import Outcome, finish
from cosearch.recipes.trained.space import family_for, read_data
from cosearch.study import Trials


def prepare(settings: MnasnetSettings) -> ImageData:
    """Read the images."""
    return read_data(settings)


def run(folder: RunFolder[Any], data: ImageData, progress: Progress) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
    settings: MnasnetSettings = folder.settings
    family = family_for(settings, data)
    target = target_of(folder, family, progress)
    problem, about = limited(folder, target.problem(family), progress)
    child, alone = _training(settings, data)
    accuracy, score = _accuracy(folder, family, data, child, progress)
    problem = replace(problem, reward=settings.reward, exponent=settings.exponent, score=score)
    trials = search_children(folder, problem, accuracy, progress)
    chosen = confirm(folder, target, problem, partial(_next, problem, trials), progress)
    delivered = deliver(folder, chosen.network, data, alone, progress)
    outcome = _outcome(problem, trials, chosen, child.epochs, about)
    return finish(folder, data, target, outcome, delivered)


def _next(
    problem: Problem, trials: Trials, at_most_s: float, tried: Sequence[Genome]
) -> Proposed | None:
    """The best child not tried that is predicted to take at most so long."""
    judged = Trials.judged(tightened(problem, at_most_s), trials.genomes, trials.metrics)
    return best_left(judged, tried)


def _accuracy(
    folder: RunFolder[Any], family: Any, data: ImageData, child: TrainSettings, progress: Progress
) -> tuple[Accuracy, Score | None]:
    """Of children trained for it; or a proxy's, and what is to be known of such a score."""
    settings: MnasnetSettings = folder.settings
    if settings.proxy is None:
        children = folder.path / "children"
        return ChildAccuracy.of(family, child, data, seed=settings.seed, folder=children), None
    proxy = proxy_for(folder, family, settings.proxy, data)
    return proxy, score_for(folder, proxy, settings.reward, progress)


def _training(settings: MnasnetSettings, data: ImageData) -> tuple[TrainSettings, TrainSettings]:
    """Of a child, and of the winner: the same but for the epochs."""
    alone = plan_for(len(data.train), mirror=data.mirror, threads=settings.threads).alone
    child = replace(alone, epochs=settings.child_epochs)
    return child, replace(alone, epochs=settings.epochs or alone.epochs)


def _outcome(
    problem: Problem, trials: Trials, chosen: Confirmed, epochs: int, about: dict[str, Any]
) -> Outcome:
    networks: Any = problem.networks
    score = told(problem.score.name, chosen.accuracy) if problem.score else None
    return Outcome(
        chosen.network,
        chosen.metrics,
        problem.limits,
        networks.space.values(chosen.genome),
        chosen.accuracy if score is None else None,
        {
            **({"epochs_of_a_child": epochs} if score is None else _ranked_by(score)),
            "trials": len(trials),
            "feasible": int(trials.feasible.sum()),
            "best": place_in(trials, chosen.genome),
        },
        again=chosen.again,
        more={"profile": about, **({} if score is None else {"score": score})},
    )


def _ranked_by(score: dict[str, Any]) -> dict[str, Any]:
    return {"ranked_by": f"{score['name']}, a zero-cost proxy", score["name"]: score["value"]}
