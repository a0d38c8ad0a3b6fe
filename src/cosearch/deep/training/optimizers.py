"""What takes the steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from torch import nn
from torch.optim import Optimizer

from cosearch.deep.training.settings import TrainSettings


def optimizer_of(model: nn.Module, settings: TrainSettings) -> Optimizer:
    """The optimizer of the settings over all that learns in `model`."""
    return _MADE[settings.optimizer](groups(model, settings.weight_decay), settings)


def groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Matrices and kernels, which decay; and norms, biases, tokens and positions, which do not."""
    learns = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    return [
        {"params": [p for n, p in learns if _decays(n, p)], "weight_decay": weight_decay},
        {"params": [p for n, p in learns if not _decays(n, p)], "weight_decay": 0.0},
    ]


def _decays(name: str, parameter: nn.Parameter) -> bool:
    """By torch's naming; class tokens and positions have two axes too, and are no weights.

    Under a parametrisation, such as fake quantisation, what learns is the original.
    """
    return parameter.ndim > 1 and name.endswith(("weight", "weight.original"))


def _sgd(params: list[dict[str, Any]], settings: TrainSettings) -> Optimizer:
    nesterov = settings.momentum > 0
    return torch.optim.SGD(params, settings.lr, settings.momentum, nesterov=nesterov)


def _rmsprop(params: list[dict[str, Any]], settings: TrainSettings) -> Optimizer:
    """Decay 0.9 of the squares (MnasNet); a large eps, or the first steps would be huge."""
    return torch.optim.RMSprop(params, settings.lr, alpha=0.9, eps=1e-3, momentum=settings.momentum)


def _adamw(params: list[dict[str, Any]], settings: TrainSettings) -> Optimizer:
    return torch.optim.AdamW(params, settings.lr, betas=(settings.momentum, 0.999))


_MADE: Final[Mapping[str, Callable[[list[dict[str, Any]], TrainSettings], Optimizer]]] = {
    "sgd": _sgd,
    "rmsprop": _rmsprop,
    "adamw": _adamw,
}
