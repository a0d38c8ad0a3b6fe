"""What can be trained on: images in memory, or read as they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import torch
from jaxtyping import Int, UInt8
from torch import Tensor

from cosearch.deep.training.settings import TrainSettings


class Images(Protocol):
    """Labelled images; `Split` holds them, `FolderImages` reads them from files."""

    @property
    def labels(self) -> Int[Tensor, " n"]:
        """Class of each image."""
        ...

    def __len__(self) -> int: ...

    def read(
        self, batches: Sequence[Int[Tensor, " m"]], key: tuple[int, int]
    ) -> Iterator[UInt8[Tensor, "m c h w"]]:
        """The images at each batch's places; any randomness in reading one is of `key` and it."""
        ...


def order_of(
    data: Images, settings: TrainSettings, generator: torch.Generator
) -> list[Int[Tensor, " batch"]]:
    """The batches of one epoch: every image once, or every class as often as the others.

    Whole batches only: what is left over differs from epoch to epoch, and kernels are compiled
    for one shape instead of two.
    """
    size = min(settings.batch, len(data))
    if settings.balance == "sampling":
        chances = class_weights(data)[data.labels]
        order = torch.multinomial(chances, len(data), replacement=True, generator=generator)
    else:
        order = torch.randperm(len(data), generator=generator)
    return list(order[: len(data) // size * size].split(size))


def images_of_class(data: Images) -> list[int]:
    """How many images each class has, up to the last that has any."""
    return torch.bincount(data.labels).tolist()


def class_weights(data: Images) -> Tensor:
    """By which every class counts the same: mean 1 over the images, 0 for a class without any."""
    counts = torch.bincount(data.labels).double()
    share = len(data) / (counts.clamp(min=1) * (counts > 0).sum())
    return torch.where(counts > 0, share, 0.0).float()
