"""The job of `hurricane`: score, make the space, search it in stages, train the winner alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cosearch.deep.data import ImageData
from cosearch.families import HurricaneFamily
from cosearch.problem import Problem
from cosearch.progress import Progress
from cosearch.recipes.deliver import deliver
from cosearch.recipes.hurricane import pictures
from cosearch.recipes.hurricane.generated import ALPHAS, Generated, generate, suited
from cosearch.recipes.hurricane.insights import insights
from cosearch.recipes.hurricane.scores import OperatorCosts, operator_costs
from cosearch.recipes.hurricane.settings import HurricaneSettings
from cosearch.recipes.hurricane.stages import Done, Job, one_stage, proposals, two_stages
from cosearch.recipes.hurricane.target import part_of, seconds_of
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.spos.draws import check_limits, table_of
from cosearch.recipes.spos.searched import outcome_of
from cosearch.recipes.spos.shared_weights import steps_of, training
from cosearch.recipes.trained.confirmed import confirm
from cosearch.recipes.trained.limits import limited
from cosearch.recipes.trained.measured import target_of
from cosearch.recipes.trained.result import finish
from cosearch.recipes.trained.space import family_for


@dataclass(frozen=True)
class Made:
    """The generated space, what it was made from, and the other alphas' spaces beside it."""

    costs: OperatorCosts
    space: Generated
    others: Sequence[Generated]


def search(folder: RunFolder[Any], data: ImageData, progress: Progress) -> dict[str, Any]:
    """From images to a network within the limits, trained; returns the result."""
    settings: HurricaneSettings = folder.settings
    pool = family_for(settings, data)
    assert isinstance(pool, HurricaneFamily)
    target = target_of(folder, pool, progress)
    problem, about = limited(folder, target.problem(pool), progress)
    made = make_space(settings, operator_costs(pool, seconds_of(target)), problem)
    if not made.space.within:
        generated = made.space.family
        check_limits(table_of(part_of(target, generated), generated), made.space.problem)
    shared, alone = training(settings, data)
    job = Job(folder, data, target, made.space.problem, shared, progress)
    done = run_stages(job, made)
    found = done[-1].found
    chosen = confirm(folder, target, found.problem, proposals(job, done[-1]), progress)
    delivered = deliver(folder, chosen.network, data, alone, progress)
    iterations = account([stage.steps for stage in done], steps_of(shared, data))
    said = {"alpha": made.space.alpha, "space": f"{job.family.space.size:.3g} networks"}
    more = {"profile": about, **_describe(made, done)}
    outcome = outcome_of(found, chosen, {**said, **iterations}, more, _plots(made, done))
    return finish(folder, data, target, outcome, delivered)


def make_space(settings: HurricaneSettings, costs: OperatorCosts, problem: Problem) -> Made:
    """By the alpha asked for, or the one that suits the limits; `problem` is of all operators."""
    spaces = [generate(problem, costs, settings.narrowing, alpha) for alpha in ALPHAS]
    if settings.alpha is None:
        return Made(costs, suited(spaces), spaces)
    asked = generate(problem, costs, settings.narrowing, settings.alpha)
    others = [space for space in spaces if space.alpha != asked.alpha]
    return Made(costs, asked, sorted([*others, asked], key=lambda space: space.alpha))


def run_stages(job: Job, made: Made) -> list[Done]:
    """One or two, as asked."""
    if job.folder.settings.stages == 1:
        return one_stage(job)
    return two_stages(job, made.costs, made.space.alpha)


def account(steps: Sequence[int], one_stage_steps: int) -> dict[str, Any]:
    """Training iterations of all stages against those of a search in one."""
    return {
        "iterations": sum(steps),
        "iterations_of_one_stage": one_stage_steps,
        "iterations_saved": round(1 - sum(steps) / one_stage_steps, 4),
    }


def _describe(made: Made, done: Sequence[Done]) -> dict[str, Any]:
    likes = insights(made.costs, made.space.alpha)
    layers = zip(made.costs.layers, made.space.family.candidates, strict=True)
    return {
        "generated": {layer: list(operators) for layer, operators in layers},
        "likes": {each.trait: each.factor for each in likes if each.factor == each.factor},
        "stages": _stages(done),
    }


def _stages(done: Sequence[Done]) -> list[dict[str, Any]]:
    return [
        {
            "name": stage.name,
            "steps": stage.steps,
            "trials": len(stage.found.trials),
            "accuracy": stage.found.accuracy,
            "choices": stage.found.choices,
        }
        for stage in done
    ]


def _plots(made: Made, done: Sequence[Done]) -> tuple[dict[str, Any], ...]:
    alpha = made.space.alpha
    return (
        pictures.score_map(made.costs, alpha, made.space.family.candidates),
        pictures.likings(insights(made.costs, alpha)),
        pictures.by_alpha(made.others, alpha),
        pictures.stages_table(_stages(done)),
    )
