"""A moving average of the weights: often better than the last, and never worse to keep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

State = dict[str, Tensor]


class Average:
    """Exponential, of every tensor of the model's state; what only counts is taken as it is.

    The decay begins small: min(decay, (1 + n) / (10 + n)) after n steps, so that the first
    weights, which know nothing, are soon forgotten.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.state = copied(model)

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take in the weights after a step."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                self.state[name].lerp_(tensor, 1 - decay)
            else:
                self.state[name].copy_(tensor)

    @contextmanager
    def inside(self, model: nn.Module) -> Iterator[None]:
        """The model with the average in place of its weights, for a while."""
        own = copied(model)
        model.load_state_dict(self.state)
        try:
            yield
        finally:
            model.load_state_dict(own)


def copied(model: nn.Module) -> State:
    """The model's state, on its own."""
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
