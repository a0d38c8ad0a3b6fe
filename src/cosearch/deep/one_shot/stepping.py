"""What searches share that take steps of their own beside those of the weights.

A step of the weights may be worked through in parts, be repeated with smaller ones, and be shared
between processes. A search must draw once for all of them, and learn once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from cosearch.deep.datasets.images import to_pixels
from cosearch.deep.training.images import Images
from cosearch.deep.training.task import Moment


@dataclass(frozen=True)
class Draws:
    """Randomness of one step. Every part of it takes the same from the moment's own stream."""

    rng: np.random.Generator
    generator: torch.Generator

    @classmethod
    def of(cls, moment: Moment) -> Draws:
        """All parts of a step, and all processes, get the same."""
        rng = np.random.default_rng(int(moment.rng.integers(2**62)))
        return cls(rng, torch.Generator().manual_seed(int(rng.integers(2**62))))

    def images(self, split: Images, batch: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """(images, labels) drawn from `split` without replacement: this process's share."""
        size = min(batch, len(split))
        index = np.sort(self.rng.choice(len(split), size, replace=False))[_own(size)]
        chosen = torch.from_numpy(index)
        (pixels,) = split.read([chosen], (0, 0))
        return to_pixels(pixels.to(device)), split.labels[chosen].to(device)


def due(moment: Moment, epoch_steps: int) -> int:
    """Of `epoch_steps` steps in each epoch, how many follow this step of the weights."""
    before, after = moment.step, moment.step + 1
    return after * epoch_steps // moment.steps - before * epoch_steps // moment.steps


def place(moment: Moment) -> tuple[int, int]:
    """Which step it is; its parts and repeats are all the same one."""
    return moment.epoch, moment.step


def mean_over_processes(tensors: Sequence[Tensor]) -> list[Tensor]:
    """Each tensor's mean over all processes; as it is where there is one."""
    if not dist.is_initialized():
        return list(tensors)
    for tensor in tensors:
        dist.all_reduce(tensor)
        tensor /= dist.get_world_size()
    return list(tensors)


def _own(n: int) -> slice:
    """This process's part of `n` things; at least one, for a mean must be of something."""
    if not dist.is_initialized():
        return slice(n)
    rank, size = dist.get_rank(), dist.get_world_size()
    start = min(n * rank // size, n - 1)
    return slice(start, max(start + 1, n * (rank + 1) // size))
