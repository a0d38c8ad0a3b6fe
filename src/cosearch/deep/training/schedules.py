"""How the learning rate goes over a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from cosearch.deep.training.settings import TrainSettings


def rate(settings: TrainSettings, done: float) -> float:
    """Linear warm-up, then the schedule; `done` is the share of all steps, the next included."""
    if done < settings.warmup:
        return settings.lr * (done / settings.warmup)
    return settings.lr * SHARES[settings.schedule](settings, done)


def _cosine(settings: TrainSettings, done: float) -> float:
    """From the end of the warm-up down to 0 (Loshchilov and Hutter, arXiv 1608.03983)."""
    left = (done - settings.warmup) / (1 - settings.warmup)
    return 0.5 * (1 + math.cos(math.pi * left))


def _linear(settings: TrainSettings, done: float) -> float:
    """From the end of the warm-up down to 0 (Single Path One-Shot, arXiv 1904.00420)."""
    return 1 - (done - settings.warmup) / (1 - settings.warmup)


def _exponential(settings: TrainSettings, done: float) -> float:
    """In stairs, counted from the first epoch (MnasNet, arXiv 1807.11626: 0.97 every 2.4)."""
    return settings.decay ** math.floor(done * settings.epochs / settings.decay_epochs)


def _constant(settings: TrainSettings, done: float) -> float:
    return 1.0


SHARES: Final[Mapping[str, Callable[[TrainSettings, float], float]]] = {
    "cosine": _cosine,
    "linear": _linear,
    "exponential": _exponential,
    "constant": _constant,
}
