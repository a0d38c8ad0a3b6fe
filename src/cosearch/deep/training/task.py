"""What the loop asks of a task, and what it tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Moment:
    """Where training stands when a batch is worked through.

    `rng` and `generator` are the only randomness of a step. They follow from the seed, are the
    same in every process of a run, and a resumed run draws from them what a whole one would.
    """

    epoch: int  # from 0
    epochs: int
    step: int  # of this epoch, from 0
    steps: int  # of every epoch
    done: float  # share of the run behind us, 0 to below 1
    rng: np.random.Generator
    generator: torch.Generator  # on the CPU
    part: int = 0  # of the batch, where memory holds only a part at a time
    share: float = 1.0  # of the batch, over all processes, that this part is
    scaler: Any = None  # of half-precision losses

    @property
    def done_after(self) -> float:
        """Share of the run behind us with this step."""
        step = self.epoch * self.steps + self.step + 1
        return step / (self.epochs * self.steps)

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of a mean loss over the images given, by their share of the batch."""
        loss = loss if self.share == 1.0 else loss * self.share
        with torch.autocast(loss.device.type, enabled=False):
            (loss if self.scaler is None else self.scaler.scale(loss)).backward()


class Task(Protocol):
    """What a step does; the loop knows no more of supernets, searches or teachers."""

    name: str
    model: nn.Module

    def backward(self, images: Tensor, labels: Tensor, moment: Moment) -> float:
        """Compute gradients with `moment.backward`; returns the mean loss.

        Images are augmented float32 (n, c, h, w) in [0, 1], on the device of the model. Labels
        are classes (n,), or where images are mixed shares of them (n, classes).
        """
        ...

    def state_dict(self) -> dict[str, Any]:
        """What else a checkpoint must hold, as tensors and plain data."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what `state_dict` gave."""
        ...
