"""The search itself: shared weights and policy trained together, or found trained."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import torch

from cosearch.deep.data import ImageData
from cosearch.deep.one_shot.policy import PolicySearch
from cosearch.deep.one_shot.policy_reward import Judge
from cosearch.deep.one_shot.policy_settings import PolicySettings
from cosearch.deep.supernet import Supernet
from cosearch.deep.training import Plan, TrainSettings, plan_for, train
from cosearch.errors import CosearchError
from cosearch.files import write_atomically
from cosearch.problem import Problem
from cosearch.problem.paths import PathTable
from cosearch.progress import Progress
from cosearch.recipes.nahas.one_shot.costs import costs_for
from cosearch.recipes.nahas.settings import NahasSettings
from cosearch.recipes.run_folder import RunFolder

WEIGHTS: Final = "supernet.pt"


def plan_of(settings: NahasSettings, data: ImageData) -> Plan:
    """How to train: by the number of images, epochs as asked."""
    plan = plan_for(len(data.train), mirror=data.mirror, threads=settings.threads)
    shared, alone = plan.paths, plan.alone
    return replace(
        plan,
        paths=replace(shared, epochs=settings.supernet_epochs or shared.epochs),
        alone=replace(alone, epochs=settings.epochs or alone.epochs),
    )


def learn(
    folder: RunFolder[Any],
    problem: Problem,
    data: ImageData,
    settings: TrainSettings,
    progress: Progress,
) -> dict[str, Any]:
    """What the policy came to, as plain data; the weights are in the folder.

    `log_probabilities` by knob; the rest by epoch, None while the policy rested.
    """
    asked = folder.settings

    def work() -> dict[str, Any]:
        costs, about = costs_for(asked.cost_model, problem, asked.seed)
        judge = Judge(costs, problem.limits, asked.reward, asked.exponent)
        task = _task(problem, data, judge, settings, asked.seed)
        train(
            task,
            data.train,
            settings,
            seed=asked.seed,
            checkpoint=folder.path / "checkpoints" / WEIGHTS,
            progress=progress,
        )
        state = task.model.state_dict()
        write_atomically(folder.path / WEIGHTS, lambda path: torch.save(state, path))
        return {"cost_model": about, **_plain(task)}

    result: dict[str, Any] = folder.step("supernet", work)
    return result


def read_supernet(folder: RunFolder[Any], family: Any) -> Supernet:
    """The shared weights as trained."""
    supernet = Supernet(family, seed=folder.settings.seed)
    supernet.load_state_dict(torch.load(folder.path / WEIGHTS, weights_only=True))
    return supernet.eval()


def _task(
    problem: Problem, data: ImageData, judge: Judge, settings: TrainSettings, seed: int
) -> PolicySearch:
    family: Any = problem.networks
    return PolicySearch(
        Supernet(family, seed=seed),
        family.space,
        problem.space,
        judge,
        data.validation,
        PolicySettings(judge.reward, judge.exponent),
        mixed(family),
        settings.label_smoothing,
    )


def mixed(family: Any) -> tuple[int, ...]:
    """Options of its places where all can be mixed: of shapes alike, whatever the other places."""
    try:
        return tuple(len(costs) for costs in PathTable.of(family).of_places())
    except CosearchError:
        return ()


def _plain(task: PolicySearch) -> dict[str, Any]:
    history = task.history
    return {
        "log_probabilities": [logs.tolist() for logs in task.policy.log_probabilities()],
        "entropies": history.entropies,
        "rewards": history.by_epoch("rewards"),
        "accuracies": history.by_epoch("accuracies"),
        "ratios": history.by_epoch("ratios"),
        "designs": len(history.rewards),
        "within": sum(max(row, default=0.0) <= 1.0 for row in history.ratios),
    }
