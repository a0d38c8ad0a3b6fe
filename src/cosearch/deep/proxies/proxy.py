"""What a proxy is, and what several of them need of a module."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cosearch.deep.module import GraphModule

M = TypeVar("M", bound=nn.Module)

WEIGHTED: Final = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)


class Proxy(Protocol):
    """A number from an untrained network, larger for better; -inf where there is none."""

    def __call__(
        self, module: GraphModule, images: Tensor, labels: Tensor, generator: torch.Generator
    ) -> float:
        """`images` (n, c, h, w) float32 in [0, 1], `labels` (n,); `module` stays as it is."""
        ...


def own_copy(module: M) -> M:
    """A copy to hook into, in training mode: norms use the batch's own statistics."""
    return copy.deepcopy(module).train()


def weighted(module: nn.Module) -> list[nn.Module]:
    """Convolutions and fully connected layers: the proxies count their weights alone."""
    return [part for part in module.modules() if isinstance(part, WEIGHTED)]


def learn(module: nn.Module, images: Tensor, labels: Tensor) -> None:
    """Leave the gradients of the cross-entropy in `module`."""
    module.zero_grad()
    F.cross_entropy(module(images), labels).backward()


def gradients(module: nn.Module) -> list[tuple[Tensor, Tensor]]:
    """(weight, its gradient) of each weighted layer that a gradient has reached."""
    weights = [part.weight for part in weighted(module)]
    return [(weight.detach(), weight.grad) for weight in weights if weight.grad is not None]


def swap(module: nn.Module, old: tuple[type, ...], new: Callable[[], nn.Module]) -> None:
    """Put a new part in the place of each that is one of `old`."""
    for part in list(module.modules()):
        for name, child in list(part.named_children()):
            if isinstance(child, old):
                setattr(part, name, new())
