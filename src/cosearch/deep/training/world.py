"""The processes that train together: one, or as many as torchrun started.

Every process holds the whole model and the same randomness, works through its own slice of each
batch, and adds its gradients to the others'. So the settings mean the same for any number.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor

from cosearch.errors import CosearchError


@dataclass(frozen=True)
class World:
    """This process among `size`, and its device."""

    rank: int
    size: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and reports."""
        return self.rank == 0

    def slice(self, n: int) -> slice:
        """This process's part of `n` things; parts differ by one at most."""
        return slice(n * self.rank // self.size, n * (self.rank + 1) // self.size)

    def sum(self, *numbers: float) -> tuple[float, ...]:
        """Of each number over all processes."""
        if self.size == 1:
            return numbers
        total = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        dist.all_reduce(total)
        return tuple(total.tolist())

    @torch.no_grad()
    def add_up(self, tensors: Iterable[Tensor]) -> None:
        """Replace each tensor by its sum over all processes: one message for all of them."""
        kept = list(tensors)
        if self.size == 1 or not kept:
            return
        flat = torch.cat([tensor.reshape(-1) for tensor in kept])
        dist.all_reduce(flat)
        for tensor, part in zip(kept, flat.split([t.numel() for t in kept]), strict=True):
            tensor.copy_(part.view_as(tensor))

    @torch.no_grad()
    def even_out(self, tensors: Iterable[Tensor]) -> None:
        """Replace each floating tensor by its mean over all processes."""
        floating = [tensor for tensor in tensors if tensor.is_floating_point()]
        if self.size == 1:
            return
        self.add_up(floating)
        for tensor in floating:
            tensor.div_(self.size)


@contextmanager
def joined(device: str) -> Iterator[World]:
    """This process's place: alone, or by the environment torchrun gives it."""
    size, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    place = _device(device, int(os.environ.get("LOCAL_RANK", "0")))
    if size == 1 or dist.is_initialized():
        yield World(rank, size, place)
        return
    dist.init_process_group("nccl" if place.type == "cuda" else "gloo")
    try:
        yield World(rank, size, place)
    finally:
        dist.destroy_process_group()


def _device(name: str, local_rank: int) -> torch.device:
    there = torch.cuda.is_available()
    if name == "cuda" and not there:
        raise CosearchError("device 'cuda': torch finds no GPU here; allowed are cpu and auto")
    if name == "cpu" or not there:
        return torch.device("cpu")
    torch.backends.cudnn.deterministic = True  # one seed, one result
    torch.cuda.set_device(local_rank)
    return torch.device("cuda", local_rank)
