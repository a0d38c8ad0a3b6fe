"""The weights at both ends: of the network to be cut, and of what is left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from cosearch.deep.data import ImageData
from cosearch.deep.module import GraphModule
from cosearch.deep.training import TrainSettings, fit
from cosearch.files import write_atomically
from cosearch.progress import Progress
from cosearch.recipes.run_folder import RunFolder


def first_weights(
    folder: RunFolder[Any],
    module: GraphModule,
    data: ImageData,
    plan: TrainSettings,
    progress: Progress,
) -> GraphModule:
    """The network to be cut, with its weights: read, or trained now."""
    settings = folder.settings
    if settings.trained_before:
        return module
    path = folder.path / "first.pt"
    epochs = settings.first_epochs or plan.epochs

    def train() -> None:
        fit(
            module,
            data.train,
            replace(plan, epochs=epochs),
            seed=settings.seed,
            checkpoint=folder.path / "checkpoints" / "first.pt",
            progress=progress,
        )
        _save(module, path)

    folder.step("first", train)
    module.load_state_dict(torch.load(path, weights_only=True))
    return module


def train_long(
    folder: RunFolder[Any],
    module: GraphModule,
    data: ImageData,
    plan: TrainSettings,
    progress: Progress,
) -> None:
    """With the weights carried over; what is delivered is this, not weights drawn anew.

    `deliver` trains under the name of this step, and finds it done.
    """
    epochs = folder.settings.epochs or plan.epochs

    def train() -> None:
        fit(
            module,
            data.train.join(data.validation),
            replace(plan, epochs=epochs, lr=folder.settings.tune_lr),
            seed=folder.settings.seed,
            checkpoint=folder.path / "checkpoints" / "network.pt",
            progress=progress,
        )
        _save(module, folder.path / "network.pt")

    folder.step("training", train)


def _save(module: GraphModule, path: Path) -> None:
    write_atomically(path, lambda beside: torch.save(module.state_dict(), beside))
