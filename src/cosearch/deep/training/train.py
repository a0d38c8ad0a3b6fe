"""Training, on one page.

All randomness of an epoch comes from (seed, epoch), not from the epochs before it, and a
checkpoint holds all else that changes: so a run that was killed ends with exactly the weights it
would have had. Under torchrun, every process calls `train` alike, and each step is of one batch
that all of them share.
"""

from __future__ import annotations

import time
from pathlib import Path

import torch
from torch import nn

from cosearch.deep.threads import threads
from cosearch.deep.training.average import copied
from cosearch.deep.training.board import board
from cosearch.deep.training.classify import Classify
from cosearch.deep.training.history import Epoch, History
from cosearch.deep.training.images import Images, class_weights, order_of
from cosearch.deep.training.judge import judged, score
from cosearch.deep.training.rearrange import rearrange
from cosearch.deep.training.settings import TrainSettings
from cosearch.deep.training.state import Run, Standing, Validation, begin, even_out, save
from cosearch.deep.training.steps import take_step
from cosearch.deep.training.streams import Streams, drawn, rewind, streams
from cosearch.deep.training.task import Moment, Task
from cosearch.deep.training.world import joined
from cosearch.progress import Progress, silent


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
    log: Path | None = None,
) -> History:
    """Train `module` in place to name the class, as `train` does; `teacher` may help."""
    weights = class_weights(data) if settings.balance == "weights" else None
    name = "training" if teacher is None else "training, taught"
    task = Classify(module, settings, teacher, weights, name)
    return train(
        task,
        data,
        settings,
        seed=seed,
        checkpoint=checkpoint,
        validation=validation,
        progress=progress,
        log=log,
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
    log: Path | None = None,
) -> History:
    """Train `task.model` in place, and leave it on the CPU in eval mode; returns what was seen.

    Goes on from `checkpoint` if that file exists. `validation` is images, or a function of the
    model: then every epoch is judged, and with `settings.patience` the weights of the best are
    kept. `log` is a folder for TensorBoard. Raises `CosearchError` where the loss or a gradient
    is not finite, and where memory does not hold a single image.
    """
    untouched = torch.random.fork_rng(devices=[])  # the caller's generator
    with untouched, threads(settings.threads), joined(settings.device) as world:
        run = Run(task, data, settings, seed, checkpoint, validation, progress, world)
        standing = begin(run)
        with board(log if world.first else None) as show:
            while standing.epoch < settings.epochs and not _enough(standing, settings):
                show(_epoch(run, standing))
        _keep(run, standing)
    # torch's own layout: weights read back from a file have it, and kernels round by layout
    task.model.to("cpu", memory_format=torch.contiguous_format).eval()
    return standing.history


def _epoch(run: Run, standing: Standing) -> Epoch:
    """One pass, or what is left of it, and its checkpoint."""
    start = time.perf_counter()
    seen = _steps(run, standing)
    seconds = time.perf_counter() - start
    row = _conclude(run, standing, images_per_s=seen / seconds)
    save(run, standing)
    run.say(standing, row.note)
    return row


def _steps(run: Run, standing: Standing) -> int:
    """All steps of the epoch from where it stands; returns the number of images seen."""
    run.task.model.train()
    key = run.seed, standing.epoch
    randomness = streams(*key)
    order = order_of(run.data, run.settings, randomness[1])
    if standing.streams is not None:
        rewind(randomness, standing.streams)
    left = order[standing.step :]
    own = [index[run.world.slice(len(index))] for index in left]
    for index, images in zip(left, run.data.read(own, key), strict=True):
        moment = _moment(run, standing, len(order), randomness)
        rearrange(run, standing, moment)
        standing.loss += take_step(run, standing, images, index, moment)
        standing.step += 1
        _between(run, standing, len(order), randomness)
    standing.loss /= len(order)
    return sum(map(len, left))


def _moment(run: Run, standing: Standing, steps: int, randomness: Streams) -> Moment:
    epoch, epochs, step = standing.epoch, run.settings.epochs, standing.step
    done = (epoch * steps + step) / (epochs * steps)
    return Moment(epoch, epochs, step, steps, done, *randomness)


def _between(run: Run, standing: Standing, steps: int, randomness: Streams) -> None:
    """In a long epoch: say how it goes, and write a checkpoint now and then."""
    often = run.settings.checkpoint_steps
    if often and standing.step % often == 0 and standing.step < steps:
        standing.streams = drawn(randomness)
        even_out(run, standing)
        save(run, standing)
    if run.pace.due():
        run.say(standing, f"step {standing.step:,} of {steps:,}")


def _conclude(run: Run, standing: Standing, images_per_s: float) -> Epoch:
    """Judge the epoch's weights, keep them if they are the best, and begin the next."""
    history = standing.history
    even_out(run, standing)
    with judged(run, standing):
        rate, figure = standing.optimizer.param_groups[0]["lr"], score(run)
        row = Epoch(standing.epoch + 1, standing.loss, rate, figure, images_per_s)
        history.epochs.append(row)
        if run.settings.patience and figure is not None and history.since_best() == 0:
            standing.best, history.best = copied(run.task.model), row.epoch
    standing.epoch, standing.step, standing.loss, standing.streams = row.epoch, 0, 0.0, None
    return row


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
