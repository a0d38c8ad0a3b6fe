"""A supernet trained on single paths, and the accuracy it gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from cosearch.accuracy import Accuracy
from cosearch.deep.data import ImageData
from cosearch.deep.one_shot.spos import Sample, SinglePath
from cosearch.deep.qat import Int8Accuracy
from cosearch.deep.supernet import Supernet, SupernetAccuracy
from cosearch.deep.training import TrainSettings, plan_for, train
from cosearch.files import write_atomically
from cosearch.progress import Progress
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.settings import TrainedSettings

Folder = RunFolder[Any]


def train_paths(
    folder: Folder,
    family: Any,
    data: ImageData,
    settings: TrainSettings,
    sample: Sample,
    progress: Progress,
    *,
    name: str = "supernet",
    start: Path | None = None,
) -> Path:
    """Train the shared weights of `family` on paths drawn by `sample`, or find them trained.

    Goes on from the weights in `start`, where they are given. Returns the file of the weights.
    """
    weights = folder.path / f"{name}.pt"

    def work() -> None:
        import torch

        supernet = Supernet(family, seed=folder.settings.seed)
        if start is not None:
            supernet.load_state_dict(torch.load(start, weights_only=True))
        train(
            SinglePath(supernet, sample, settings.label_smoothing, name),
            data.train,
            settings,
            seed=folder.settings.seed,
            checkpoint=folder.path / "checkpoints" / f"{name}.pt",
            progress=progress,
        )
        write_atomically(weights, lambda path: torch.save(supernet.state_dict(), path))

    folder.step(name, work)
    return weights


def accuracy_of(family: Any, weights: Path, data: ImageData, precision: str) -> Accuracy:
    """Each network by the shared weights, its batch norm calibrated anew, in fp32 or int8."""
    exact = SupernetAccuracy.of(family, weights, data)
    return Int8Accuracy(exact) if precision == "int8" else exact


def training(settings: TrainedSettings, data: ImageData) -> tuple[TrainSettings, TrainSettings]:
    """How to train the supernet, and the winner alone: by the number of images, or as asked."""
    plan = plan_for(len(data.train), mirror=data.mirror, threads=settings.threads)
    paths = replace(plan.paths, epochs=settings.supernet_epochs or plan.paths.epochs)
    return paths, replace(plan.alone, epochs=settings.epochs or plan.alone.epochs)


def steps_of(settings: TrainSettings, data: ImageData) -> int:
    """Training iterations in all: whole batches only."""
    images = len(data.train)
    return settings.epochs * (images // min(settings.batch, images))
