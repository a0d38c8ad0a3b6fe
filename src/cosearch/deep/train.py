"""Training, on one page: a module alone, or a supernet by the sandwich rule.

All randomness of an epoch comes from (seed, epoch), not from the epochs before it, so a run
that was killed goes on from its last checkpoint to exactly the weights it would have had.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cosearch.deep import checkpoint as checkpoints
from cosearch.deep.augment import augment
from cosearch.deep.datasets.images import Split, to_pixels
from cosearch.deep.settings import TrainSettings
from cosearch.deep.supernet import Genome, Supernet, sandwich
from cosearch.deep.threads import threads
from cosearch.errors import CosearchError
from cosearch.progress import Progress, silent

Backward = Callable[[Tensor, Tensor, np.random.Generator], float]


def fit(
    module: nn.Module,
    split: Split,
    settings: TrainSettings,
    *,
    seed: int,
    checkpoint: Path | None = None,
    progress: Progress = silent,
) -> None:
    """Train `module` in place on `split`; goes on from `checkpoint` if that file exists."""

    def backward(images: Tensor, labels: Tensor, rng: np.random.Generator) -> float:
        loss = F.cross_entropy(module(images), labels, label_smoothing=settings.label_smoothing)
        loss.backward()
        return loss.item()

    _loop(module, backward, split, settings, seed, checkpoint, progress, "training")


def fit_supernet(
    supernet: Supernet,
    split: Split,
    settings: TrainSettings,
    *,
    seed: int,
    checkpoint: Path | None = None,
    progress: Progress = silent,
) -> None:
    """Train all sub-networks at once, in place, by the sandwich rule.

    Each step averages the gradients of a smallest and some random networks, taught by the
    labels; with `settings.distil` a largest network takes part and teaches the others
    (BigNAS, arXiv 2003.11142): better, where there is time for it.
    """

    def backward(images: Tensor, labels: Tensor, rng: np.random.Generator) -> float:
        largest, *genomes = sandwich(supernet.family, rng, settings.random_networks)
        share = 1 / (len(genomes) + settings.distil)

        def learn(genome: Genome, targets: Tensor, smoothing: float) -> tuple[Tensor, float]:
            logits = supernet(images, genome)
            loss = F.cross_entropy(logits, targets, label_smoothing=smoothing) * share
            loss.backward()
            return logits.detach(), loss.item()

        if not settings.distil:
            return sum(learn(genome, labels, settings.label_smoothing)[1] for genome in genomes)
        logits, first = learn(largest, labels, settings.label_smoothing)
        taught = logits.softmax(1)
        return first + sum(learn(genome, taught, 0.0)[1] for genome in genomes)

    _loop(supernet, backward, split, settings, seed, checkpoint, progress, "supernet")


def _loop(
    model: nn.Module,
    backward: Backward,
    split: Split,
    settings: TrainSettings,
    seed: int,
    checkpoint: Path | None,
    progress: Progress,
    phase: str,
) -> None:
    """Epochs, each ending in a checkpoint; leaves `model` in eval mode."""
    optimizer = _optimizer(model, settings)
    run = {"phase": phase, "seed": seed, "images": len(split), **asdict(settings)}
    start = checkpoints.restore(checkpoint, model, optimizer, run) if checkpoint else 0
    with threads(settings.threads):
        for epoch in range(start, settings.epochs):
            loss = _epoch(model.train(), backward, optimizer, split, settings, seed, epoch)
            if checkpoint:
                checkpoints.save(checkpoint, model, optimizer, epoch + 1, run)
            progress(phase, epoch + 1, settings.epochs, f"loss {loss:.3f}")
    model.eval()


def _epoch(
    model: nn.Module,
    backward: Backward,
    optimizer: torch.optim.Optimizer,
    split: Split,
    settings: TrainSettings,
    seed: int,
    epoch: int,
) -> float:
    """One pass over `split`; returns the mean loss."""
    rng = np.random.default_rng([seed, epoch])
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    # whole batches only: what is left over differs from epoch to epoch, and kernels are
    # compiled for one shape instead of two
    size = min(settings.batch, len(split))
    steps = len(split) // size
    batches = torch.randperm(len(split), generator=generator)[: steps * size].split(size)
    losses = []
    for step, index in enumerate(batches):
        _set_rate(optimizer, settings, (epoch * steps + step + 1) / (settings.epochs * steps))
        images = augment(
            split.images[index], shift=settings.shift, mirror=settings.mirror, generator=generator
        )
        optimizer.zero_grad()
        losses.append(backward(to_pixels(images), split.labels[index], rng))
        if not math.isfinite(losses[-1]):
            raise CosearchError(
                f"training diverged: loss {losses[-1]} in epoch {epoch + 1}, step {step + 1}; "
                f"the learning rate is {settings.lr}, try a smaller one"
            )
        nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
        optimizer.step()
    return sum(losses) / steps


def _optimizer(model: nn.Module, settings: TrainSettings) -> torch.optim.Optimizer:
    """SGD that decays the weights of convolutions and linear layers only."""
    weights = [p for p in model.parameters() if p.ndim > 1]
    scales = [p for p in model.parameters() if p.ndim <= 1]
    groups = [
        {"params": weights, "weight_decay": settings.weight_decay},
        {"params": scales, "weight_decay": 0.0},
    ]
    return torch.optim.SGD(groups, settings.lr, settings.momentum, nesterov=True)


def _set_rate(optimizer: torch.optim.Optimizer, settings: TrainSettings, done: float) -> None:
    """Linear warm-up, then a cosine to 0; `done` is the share of all steps, the next included."""
    if done < settings.warmup:
        share = done / settings.warmup
    else:
        left = (done - settings.warmup) / (1 - settings.warmup)
        share = 0.5 * (1 + math.cos(math.pi * left))
    for group in optimizer.param_groups:
        group["lr"] = settings.lr * share
