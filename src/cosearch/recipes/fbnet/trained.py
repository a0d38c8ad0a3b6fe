"""The search itself: shared weights and theta trained together, or found trained."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch

from cosearch.deep.data import ImageData
from cosearch.deep.datasets.images import divide
from cosearch.deep.one_shot.dnas import Dnas
from cosearch.deep.one_shot.dnas_latency import ExpectedLatency
from cosearch.deep.one_shot.dnas_settings import COOLING, EPOCHS, DnasSettings
from cosearch.deep.supernet import Supernet
from cosearch.deep.training import TrainSettings, plan_for, train
from cosearch.files import write_atomically
from cosearch.progress import Progress
from cosearch.recipes.fbnet.expected import Additive
from cosearch.recipes.fbnet.settings import FbnetSettings
from cosearch.recipes.run_folder import RunFolder

Folder = RunFolder[Any]

WEIGHTS: Final = "supernet.pt"
_WARM: Final = 1 / 9  # of the epochs: FBNet's ten of ninety
# FBNet's steps of theta: 80 epochs of a fifth of a hundred classes' images, 192 at a time
_THETA_STEPS: Final = 80 * 135
_THETA_RATE: Final = 0.01


@dataclass(frozen=True)
class Schedule:
    """How the weights are trained beside theta, and how the winner alone."""

    weights: TrainSettings
    dnas: DnasSettings
    alone: TrainSettings


def schedule(settings: FbnetSettings, data: ImageData) -> Schedule:
    """As asked; FBNet's ninety epochs are stretched to those there are.

    It gets as cold in the end. Fewer steps of theta are larger ones, by the square root: noise,
    which adds up as in a random walk, then moves it as far.
    """
    plan = plan_for(len(data.train), mirror=data.mirror, threads=settings.threads)
    epochs = settings.supernet_epochs or plan.paths.epochs
    warm = settings.warm_epochs
    warm = round(epochs * _WARM) if warm is None else min(warm, epochs)
    share = DnasSettings.theta_share
    steps = max(1, (epochs - warm) * int(len(data.train) * share / plan.paths.batch))
    dnas = DnasSettings(
        loss=settings.loss,
        alpha=settings.alpha,
        beta=settings.beta,
        paths=settings.paths,
        cooling=COOLING * EPOCHS / epochs,
        warm_epochs=warm,
        theta_lr=settings.theta_lr or _THETA_RATE * max(1.0, math.sqrt(_THETA_STEPS / steps)),
    )
    weights = replace(plan.paths, epochs=epochs)
    return Schedule(weights, dnas, replace(plan.alone, epochs=settings.epochs or plan.alone.epochs))


def train_search(
    folder: Folder,
    family: Any,
    data: ImageData,
    latency: Additive,
    ref_s: float,
    progress: Progress,
) -> dict[str, Any]:
    """What theta came to, as plain data; the weights are in the folder.

    `log_probabilities` by place; `entropies` and `expected_s` by epoch.
    """
    plan = schedule(folder.settings, data)

    def work() -> dict[str, Any]:
        task = _task(folder, family, data, latency, ref_s, plan)
        weights_part, _ = _parts(data, plan)
        train(
            task,
            weights_part,
            plan.weights,
            seed=folder.settings.seed,
            checkpoint=folder.path / "checkpoints" / WEIGHTS,
            progress=progress,
        )
        write_atomically(
            folder.path / WEIGHTS, lambda path: torch.save(task.model.state_dict(), path)
        )
        return {
            "log_probabilities": [logs.tolist() for logs in task.theta.log_probabilities()],
            "entropies": task.history.entropies.tolist(),
            "expected_s": task.history.expected_s.tolist(),
            "probabilities": task.history.probabilities,
            "unit_s": task.unit_s,
        }

    result: dict[str, Any] = folder.step("supernet", work)
    return result


def read_supernet(folder: Folder, family: Any) -> Supernet:
    """The shared weights as trained."""
    supernet = new_supernet(family, folder.settings.seed)
    state = torch.load(Path(folder.path) / WEIGHTS, weights_only=True)
    supernet.load_state_dict(state)
    return supernet.eval()


def new_supernet(family: Any, seed: int) -> Supernet:
    """Every operator of every layer has weights of its own, as in FBNet."""
    return Supernet(family, seed=seed, separate=True)


def _task(
    folder: Folder, family: Any, data: ImageData, latency: Additive, ref_s: float, plan: Schedule
) -> Dnas:
    return Dnas(
        new_supernet(family, folder.settings.seed),
        ExpectedLatency(latency.options_s, latency.fixed_s),
        _parts(data, plan)[1],
        plan.dnas,
        ref_s,
        plan.weights.label_smoothing,
        batch=plan.weights.batch,
    )


def _parts(data: ImageData, plan: Schedule) -> tuple[Any, Any]:
    """Training images of the weights, and of theta: the same for every seed."""
    weights, theta, _ = divide(data.train, test=0, validation=plan.dnas.theta_share)
    return weights, theta
