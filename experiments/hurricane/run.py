"""One run: search an arm's space, train the winner alone. Killed, it goes on where it was."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from cosearch.deep.accuracy import evaluate
from cosearch.deep.data import ImageData
from cosearch.deep.module import to_module
from cosearch.deep.training import TrainSettings, fit
from cosearch.networks import Network
from cosearch.progress import Progress
from cosearch.recipes.hurricane.settings import HurricaneSettings
from cosearch.recipes.hurricane.stages import Job, one_stage
from cosearch.recipes.hurricane.target import narrowed_problem
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.spos.shared_weights import steps_of
from experiments.hurricane.plan import Run, Size
from experiments.hurricane.setting import Setting


def execute(run: Run, setting: Setting, progress: Progress) -> dict[str, Any]:
    """The row of a run."""
    start = time.perf_counter()
    folder = RunFolder(setting.build / run.name, "hurricane", settings_of(run, setting.size))
    folder.path.mkdir(parents=True, exist_ok=True)
    job = job_of(run, setting, folder, progress)
    found = one_stage(job)[-1].found
    network = job.family.network(job.family.space.encode(found.choices))
    alone = folder.step("alone", lambda: train_alone(network, run, setting, folder.path, progress))
    return {
        "target": run.target,
        "arm": run.arm,
        "seed": run.seed,
        "limit_us": f"{found.problem.limits[0].at_most * 1e6:.5g}",
        "latency_us": f"{found.trials.metrics['latency_s'][found.best] * 1e6:.5g}",
        "alpha": "" if run.arm == "hand-made" else f"{setting.generated.alpha:g}",
        "networks": f"{job.family.space.size:.3g}",
        "iterations": steps_of(job.training, setting.data),
        "shared": f"{found.accuracy:.4f}",
        "alone": f"{alone:.4f}",
        "macs": network.macs,
        "seconds": f"{time.perf_counter() - start:.0f}",
    }


def settings_of(run: Run, size: Size) -> HurricaneSettings:
    """What stages and evolution ask of settings."""
    return HurricaneSettings(
        seed=run.seed,
        trials=size.trials,
        first=size.first,
        stages=1,
    )


def job_of(
    run: Run, setting: Setting, folder: RunFolder[HurricaneSettings], progress: Progress
) -> Job:
    """The arm's space on the target."""
    generated = setting.generated.problem
    by_hand = narrowed_problem(setting.problem, setting.hand_made)
    problem = by_hand if run.arm == "hand-made" else generated
    training = _training(setting.size, setting.size.supernet_epochs, mirror=setting.data.mirror)
    return Job(folder, setting.data, setting.target, problem, training, progress)


def train_alone(
    network: Network, run: Run, setting: Setting, path: Path, progress: Progress
) -> float:
    """Test accuracy after a short training, the same for all."""
    module = to_module(network, seed=run.seed)
    settings = _training(setting.size, setting.size.epochs, mirror=setting.data.mirror)
    checkpoint = path / "checkpoints" / "alone.pt"
    train: ImageData = setting.data
    fit(
        module,
        train.train,
        settings,
        seed=run.seed,
        checkpoint=checkpoint,
        progress=progress,
    )
    return evaluate(module, setting.data.test)


def _training(size: Size, epochs: int, *, mirror: bool) -> TrainSettings:
    return TrainSettings(
        epochs, 32, size.lr, shift=2, mirror=mirror, threads=size.threads, optimizer="adamw"
    )
