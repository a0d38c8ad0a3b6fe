"""What stays the same over a run, and all that changes: what a checkpoint holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from cosearch.deep.training import checkpoint as checkpoints
from cosearch.deep.training.average import Average, State
from cosearch.deep.training.history import History
from cosearch.deep.training.images import Images, images_of_class
from cosearch.deep.training.optimizers import optimizer_of
from cosearch.deep.training.pace import Pace
from cosearch.deep.training.precision import scaler_of
from cosearch.deep.training.settings import TrainSettings
from cosearch.deep.training.task import Task
from cosearch.deep.training.world import World
from cosearch.progress import Progress

Validation = Images | Callable[[nn.Module], float] | None


@dataclass(frozen=True)
class Run:
    """What was asked for, and where it is done."""

    task: Task
    data: Images
    settings: TrainSettings
    seed: int
    checkpoint: Path | None
    validation: Validation
    progress: Progress
    world: World
    pace: Pace = field(default_factory=Pace)

    def say(self, standing: Standing, note: str) -> None:
        """Report where the run stands."""
        if self.world.first:
            self.pace.reset()
            self.progress(self.task.name, standing.epoch, self.settings.epochs, note)

    def identity(self) -> dict[str, Any]:
        """What a checkpoint must agree on for the run to go on exactly."""
        return {
            "phase": self.task.name,
            "seed": self.seed,
            "network": _shapes(self.task.model),
            "images": len(self.data),
            "processes": self.world.size,
            **asdict(self.settings),
        }


def _shapes(model: nn.Module) -> str:
    """How many numbers a model holds, and a hash of their names and shapes."""
    shapes = [(name, tuple(tensor.shape)) for name, tensor in model.state_dict().items()]
    numbers = sum(prod(shape) for _, shape in shapes)
    return f"{numbers} numbers, {sha256(repr(shapes).encode()).hexdigest()[:8]}"


@dataclass
class Standing:
    """Where a run stands: between two steps, or two epochs."""

    optimizer: Optimizer
    scaler: Any
    average: Average | None
    history: History
    micro: int  # images worked through at a time
    epoch: int = 0
    step: int = 0  # of the epoch
    loss: float = 0.0  # summed over them
    best: State | None = None  # weights, where those of the best epoch are to be kept
    streams: dict[str, Any] | None = None  # the randomness of an epoch half done


def begin(run: Run) -> Standing:
    """A new run, or where its checkpoint says it was."""
    model, settings = run.task.model.to(run.world.device), run.settings
    if settings.channels_last:
        model.to(memory_format=torch.channels_last)
    standing = Standing(
        optimizer_of(model, settings),
        scaler_of(settings.precision, run.world.device),
        Average(model, settings.average) if settings.average else None,
        History(images_of_class=images_of_class(run.data)),
        settings.micro_batch or settings.batch,
    )
    held = checkpoints.restore(run.checkpoint, run.identity()) if run.checkpoint else None
    if held:
        _take_up(run, standing, held)
    return standing


def even_out(run: Run, standing: Standing) -> None:
    """The statistics of batch norms, which each process gathers from its own images."""
    run.world.even_out(run.task.model.buffers())
    if standing.average is not None:
        run.world.even_out(standing.average.state.values())


def save(run: Run, standing: Standing) -> None:
    """Write the checkpoint, if there is to be one; one process does it."""
    if not run.checkpoint or not run.world.first:
        return
    average = standing.average
    state = {
        "model": run.task.model.state_dict(),
        "task": run.task.state_dict(),
        "optimizer": standing.optimizer.state_dict(),
        "scaler": standing.scaler.state_dict(),
        "average": None if average is None else (average.steps, average.state),
        "history": standing.history.to_dict(),
        **{name: getattr(standing, name) for name in _PLAIN},
    }
    checkpoints.save(run.checkpoint, state, run.identity())


_PLAIN = ("micro", "epoch", "step", "loss", "best", "streams")


def _take_up(run: Run, standing: Standing, held: dict[str, Any]) -> None:
    run.task.model.load_state_dict(held["model"])
    run.task.load_state_dict(held["task"])
    standing.optimizer.load_state_dict(held["optimizer"])
    standing.scaler.load_state_dict(held["scaler"])
    if standing.average is not None:
        standing.average.steps, state = held["average"]
        for name, tensor in state.items():
            standing.average.state[name].copy_(tensor)
    standing.history = History.from_dict(held["history"])
    for name in _PLAIN:
        setattr(standing, name, held[name])
