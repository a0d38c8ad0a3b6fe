"""One step: a batch, worked through in as many parts as memory asks for."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from cosearch.deep.datasets.images import to_pixels
from cosearch.deep.training.augment import varied
from cosearch.deep.training.diverged import diverged
from cosearch.deep.training.mix import mixed
from cosearch.deep.training.precision import narrowed
from cosearch.deep.training.schedules import rate
from cosearch.deep.training.state import Run, Standing
from cosearch.deep.training.streams import drawn, rewind
from cosearch.deep.training.task import Moment
from cosearch.errors import CosearchError


def take_step(run: Run, standing: Standing, images: Tensor, index: Tensor, moment: Moment) -> float:
    """Train on this process's uint8 `images` of the batch `index`; returns the batch's mean loss.

    Raises `CosearchError` for a loss or gradient that is not finite, before it touches a weight.
    """
    settings, optimizer = run.settings, standing.optimizer
    for group in optimizer.param_groups:
        group["lr"] = rate(settings, moment.done_after)
    pixels, labels = _prepared(run, images, index, moment)
    loss = _gradients(run, standing, pixels, labels, len(index), moment)
    learnt = [p for group in optimizer.param_groups for p in group["params"]]
    run.world.add_up(p.grad for p in learnt if p.grad is not None)
    standing.scaler.unscale_(optimizer)
    norm = float(nn.utils.clip_grad_norm_(learnt, settings.clip or math.inf))
    # of fp16, the scaler passes over steps whose gradients overflow, and scales them down
    if not math.isfinite(loss) or not (math.isfinite(norm) or standing.scaler.is_enabled()):
        again = partial(_parts, run, standing, pixels, labels, len(index), moment)
        raise diverged(run, standing, loss, again)
    standing.scaler.step(optimizer)
    standing.scaler.update()
    if standing.average is not None:
        standing.average.update(run.task.model)
    return loss


def _prepared(run: Run, images: Tensor, index: Tensor, moment: Moment) -> tuple[Tensor, Tensor]:
    """What the task gets to see: augmented, on the device, in the layout asked for."""
    settings, device = run.settings, run.world.device
    part = run.world.slice(len(index))
    labels = run.data.labels[index[part]].to(device)
    images = images.to(device, non_blocking=True)
    pixels = to_pixels(varied(images, settings, moment.generator, len(index), part))
    if settings.mixup or settings.cutmix:
        classes = int(run.data.labels.max()) + 1
        pixels, labels = mixed(pixels, labels, classes, settings, moment.rng)
    if settings.channels_last:
        pixels = pixels.contiguous(memory_format=torch.channels_last)
    return pixels, labels


def _gradients(
    run: Run, standing: Standing, images: Tensor, labels: Tensor, batch: int, moment: Moment
) -> float:
    """Of the whole batch; if memory runs out, once more in parts of half the size."""
    before = drawn((moment.rng, moment.generator))
    while True:
        standing.optimizer.zero_grad()
        try:
            loss, failed = _parts(run, standing, images, labels, batch, moment), 0.0
        except torch.OutOfMemoryError:
            loss, failed = 0.0, 1.0
        loss, failed = run.world.sum(loss, failed)
        if not failed:
            return loss
        _halve(run, standing, len(images))
        rewind((moment.rng, moment.generator), before)


def _parts(
    run: Run, standing: Standing, images: Tensor, labels: Tensor, batch: int, moment: Moment
) -> float:
    """Add the gradients of part after part; all of them draw alike."""
    before = drawn((moment.rng, moment.generator))
    loss = 0.0
    parts = zip(images.split(standing.micro), labels.split(standing.micro), strict=True)
    for number, (some, their_labels) in enumerate(parts):
        rewind((moment.rng, moment.generator), before)
        _seed_dropout(run, moment, number)
        share = len(some) / batch
        now = replace(moment, part=number, share=share, scaler=standing.scaler)
        with narrowed(run.settings.precision, run.world.device):
            loss += share * run.task.backward(some, their_labels, now)
    return loss


def _seed_dropout(run: Run, moment: Moment, part: int) -> None:
    """Layers that draw use torch's own generator: let what they draw be of this step alone."""
    place = [run.seed, moment.epoch, moment.step, part, run.world.rank]
    torch.manual_seed(int(np.random.SeedSequence(place).generate_state(1)[0]))


def _halve(run: Run, standing: Standing, images: int) -> None:
    at_once = min(standing.micro, images)
    if at_once == 1:
        raise CosearchError(
            "out of memory with one image at a time: try smaller images or networks"
        )
    standing.micro = math.ceil(at_once / 2)
    if run.world.device.type == "cuda":
        torch.cuda.empty_cache()
    note = (
        f"out of memory with {at_once} images at a time: from epoch {standing.epoch + 1}, step "
        f"{standing.step + 1} on {standing.micro}; a step still learns from {run.settings.batch}"
    )
    standing.history.notes.append(note)
    run.say(standing, note)
