"""One network trained by itself: what `cosearch train` does, in one process or in several."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from cosearch.deep.data import ImageData
from cosearch.deep.datasets.stream import Streamed
from cosearch.deep.module import to_module
from cosearch.deep.training import TrainSettings, fit
from cosearch.errors import CosearchError
from cosearch.files import read_json, write_atomically, write_json
from cosearch.networks import Network
from cosearch.progress import Progress

CHECKPOINT, WEIGHTS, HISTORY = "checkpoint.pt", "network.pt", "history.json"


def train_alone(
    network: Network,
    data: ImageData | Streamed,
    settings: TrainSettings,
    *,
    seed: int,
    folder: Path,
    log: bool,
    progress: Progress,
) -> dict[str, Any]:
    """Train from scratch, judged by the validation images; writes weights, network and history.

    Goes on from the checkpoint in `folder`, if there is one. Returns the history.
    """
    check_fits(network, data)
    module = to_module(network, seed=seed)
    history = fit(
        module,
        data.train,
        settings,
        seed=seed,
        checkpoint=folder / CHECKPOINT,
        validation=data.validation,
        progress=progress,
        log=folder / "tensorboard" if log else None,
    )
    found = {"network": network.name, "data": data.name, **history.to_dict()}
    if first_process():
        write_atomically(folder / WEIGHTS, lambda path: torch.save(module.state_dict(), path))
        write_json(folder / "network.json", network.to_dict())
        write_json(folder / HISTORY, found)
    return found


def read_network(name: str) -> Network:
    """A `network.json` of a run, or a published network by name."""
    from cosearch.zoo.read import read_network as read

    return Network.from_dict(read_json(Path(name))) if name.endswith(".json") else read(name)


def check_fits(network: Network, data: ImageData | Streamed) -> None:
    """Raise `CosearchError` where a network takes other images, or knows another number."""
    takes, gives = network.nodes[0].shape, network.nodes[-1].shape[-1]
    if tuple(takes) != data.shape:
        raise CosearchError(
            f"{network.name} takes images of {tuple(takes)}, those of {data.name} have "
            f"{data.shape}; --size scales them"
        )
    if gives != len(data.classes):
        raise CosearchError(
            f"{network.name} knows {gives} classes, {data.name} has {len(data.classes)}"
        )


def first_process() -> bool:
    """Of those torchrun started, or the only one: the one that writes and reports."""
    return os.environ.get("RANK", "0") == "0"
