"""Training, on one page.

All randomness of an epoch comes from (seed, epoch), not from the epochs before it, and a
checkpoint holds all else that changes: so a run that was killed ends with exactly the weights it
would have had. Under torchrun, every process calls `train` alike, and each step is of one batch
that all of them share.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import torch
from torch import nn

from cosearch.deep.threads import threads
from cosearch.deep.training.average import copied
from cosearch.deep.training.classify import Classify
from cosearch.deep.training.history import Epoch, History
from cosearch.deep.training.images import Images, class_weights, order_of
from cosearch.deep.training.judge import judged, score
from cosearch.deep.training.settings import TrainSettings
from cosearch.deep.training.state import (
    Run,
    Standing,
    Validation,
    begin,
    drawn,
    even_out,
    rewind,
    save,
    streams,
)
from cosearch.deep.training.steps import take_step
from cosearch.deep.training.task import Moment, Task
from cosearch.deep.training.world import joined
from cosearch.progress import Progress, silent

_EVERY_S: Final = 5.0  # a long epoch says how it goes


def fit(
    module: nn.Module,
    data: Images,
    settings: TrainSettings,
    *,
    seed: int,
    teacher: nn.Module | None = None,
    checkpoint: Path | None = None,
    validation: Validation = None,
    progress: Progress = silent,
) -> History:
    """Train `module` in place to name the class; goes on from `checkpoint` if that file exists."""
    weights = class_weights(data) if settings.balance == "weights" else None
    task = Classify(module, settings, teacher, weights)
    return train(
        task,
        data,
        settings,
        seed=seed,
        checkpoint=checkpoint,
        validation=validation,
        progress=progress,
    )


def train(
    task: Task,
    data: Images,
    settings: TrainSettings,
    *,
    seed: int,
    checkpoint: Path | None = None,
    validation: Validation = None,
    progress: Progress = silent,
) -> History:
    """Train `task.model` in place, and leave it on the CPU in eval mode; returns what was seen.

    `validation` is images, or a function of the model: then every epoch is judged, and with
    `settings.patience` the weights of the best are kept.
    """
    untouched = torch.random.fork_rng(devices=[])  # the caller's generator
    with untouched, threads(settings.threads), joined(settings.device) as world:
        run = Run(task, data, settings, seed, checkpoint, validation, progress, world)
        standing = begin(run)
        while standing.epoch < settings.epochs and not _enough(standing, settings):
            _epoch(run, standing)
        _keep(run, standing)
    task.model.cpu().eval()
    return standing.history


def _epoch(run: Run, standing: Standing) -> None:
    """One pass, or what is left of it, and its checkpoint."""
    start = time.perf_counter()
    seen = _steps(run, standing)
    seconds = time.perf_counter() - start
    _conclude(run, standing, images_per_s=seen / seconds)
    save(run, standing)
    last = standing.history.epochs[-1]
    judged_at = "" if last.accuracy is None else f", validation {last.accuracy:.2%}"
    note = f"loss {last.loss:.3f}{judged_at}"
    run.progress(run.task.name, standing.epoch, run.settings.epochs, note)


def _steps(run: Run, standing: Standing) -> int:
    """All steps of the epoch from where it stands; returns the number of images seen."""
    settings, model = run.settings, run.task.model.train()
    randomness = streams(run.seed, standing.epoch)
    order = order_of(run.data, settings, randomness[1])
    if standing.streams is not None:
        rewind(randomness, standing.streams)
    left = order[standing.step :]
    own = [index[run.world.slice(len(index))] for index in left]
    said = time.monotonic()
    for index, images in zip(left, run.data.read(own, (run.seed, standing.epoch)), strict=True):
        done = (standing.epoch + standing.step / len(order)) / settings.epochs
        place = standing.epoch, settings.epochs, standing.step, len(order)
        standing.loss += take_step(run, standing, images, index, Moment(*place, done, *randomness))
        standing.step += 1
        if (
            standing.step < len(order)
            and standing.step % (settings.checkpoint_steps or 10**12) == 0
        ):
            standing.streams = drawn(randomness)
            even_out(run, standing)
            save(run, standing)
        if time.monotonic() - said > _EVERY_S:
            note = f"step {standing.step:,} of {len(order):,}"
            run.progress(run.task.name, standing.epoch, settings.epochs, note)
            said = time.monotonic()
    standing.loss /= len(order)
    return sum(map(len, left))


def _conclude(run: Run, standing: Standing, images_per_s: float) -> None:
    """Judge the epoch's weights, keep them if they are the best, and begin the next."""
    history = standing.history
    even_out(run, standing)
    with judged(run, standing):
        figure = score(run)
        rate = standing.optimizer.param_groups[0]["lr"]
        standing.epoch, standing.step, standing.streams = standing.epoch + 1, 0, None
        history.epochs.append(Epoch(standing.epoch, standing.loss, rate, figure, images_per_s))
        standing.loss = 0.0
        if run.settings.patience and figure is not None and history.since_best() == 0:
            standing.best, history.best = copied(run.task.model), standing.epoch


def _enough(standing: Standing, settings: TrainSettings) -> bool:
    """Whether validation has not been better for too long."""
    return settings.patience is not None and standing.history.since_best() >= settings.patience


def _keep(run: Run, standing: Standing) -> None:
    """The weights that were judged: of the best epoch, or the average, or simply the last."""
    history, model = standing.history, run.task.model
    if standing.best is not None:
        model.load_state_dict(standing.best)
    elif standing.average is not None:
        model.load_state_dict(standing.average.state)
    kind = "the last" if standing.average is None else "their moving average"
    history.weights = kind if history.best is None else f"{kind}, of epoch {history.best}"
