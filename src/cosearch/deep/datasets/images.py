"""Labelled images in memory, and how they are divided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Int, UInt8
from numpy import ndarray
from torch import Tensor

DATA_SEED: Final = 20_231  # divides every data set alike, whatever the seed of a study
TEST_SHARE: Final = 0.2
VALIDATION_SHARE: Final = 0.2


@dataclass(frozen=True)
class Split:
    """Images as they are stored; `pixels` gives what networks take."""

    images: UInt8[Tensor, "n c h w"]
    labels: Int[Tensor, " n"]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def pixels(self) -> Tensor:
        """Float32 images in [0, 1]."""
        return to_pixels(self.images)

    def take(self, index: Int[Tensor, " m"]) -> Split:
        """The images at `index`, in its order."""
        return Split(self.images[index], self.labels[index])

    def read(
        self, batches: Sequence[Int[Tensor, " m"]], key: tuple[int, int]
    ) -> Iterator[UInt8[Tensor, "m c h w"]]:
        """The images at each batch's places; `key`, for sources that draw, changes nothing."""
        return (self.images[index] for index in batches)

    def join(self, other: Split) -> Split:
        """These images, then the other's."""
        return Split(torch.cat([self.images, other.images]), torch.cat([self.labels, other.labels]))


@dataclass(frozen=True)
class ImageData:
    """A data set: a part to train on, one to search by, and one looked at only at the end."""

    name: str
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    mirror: bool = False  # whether an image flipped left to right keeps its class

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of one image, (channels, height, width)."""
        channels, height, width = self.train.images.shape[1:]
        return channels, height, width

    def resized(self, size: int) -> ImageData:
        """Every image scaled to `size` pixels square."""
        train, validation, test = (
            Split(resize(part.images, size), part.labels)
            for part in (self.train, self.validation, self.test)
        )
        return replace(self, train=train, validation=validation, test=test)

    def trained_on(self, images: int) -> ImageData:
        """With so many of the training images at most, the same ones always."""
        return replace(self, train=_drawn(self.train, images))

    def judged_on(self, validation: int, test: int) -> ImageData:
        """With so many validation and test images at most, drawn: parts may lie sorted by class."""
        return replace(
            self, validation=_drawn(self.validation, validation), test=_drawn(self.test, test)
        )


def _drawn(part: Split, images: int) -> Split:
    if images >= len(part):
        return part
    order = np.random.default_rng(DATA_SEED).permutation(len(part))[:images]
    return part.take(torch.from_numpy(np.sort(order)))


def to_pixels(images: UInt8[Tensor, "n c h w"]) -> Tensor:
    """uint8 to the networks' float32 in [0, 1]."""
    return images.float() / 255


def resize(images: UInt8[Tensor, "n c h w"], size: int) -> UInt8[Tensor, "n c s s"]:
    """Bilinear with antialiasing, in chunks: 60,000 float images would not fit small machines."""
    if images.shape[2:] == (size, size):
        return images
    parts = [
        F.interpolate(part.float(), (size, size), mode="bilinear", antialias=True)
        for part in images.split(2048)
    ]
    return torch.cat([part.round().clamp(0, 255).to(torch.uint8) for part in parts])


def as_split(images: ndarray, labels: ndarray) -> Split:
    """Arrays (n, c, h, w) uint8 and (n,) of any integer type."""
    return Split(
        torch.from_numpy(np.ascontiguousarray(images)),
        torch.from_numpy(np.asarray(labels, dtype=np.int64)),
    )


def divide(everything: Split, *, test: float, validation: float) -> tuple[Split, Split, Split]:
    """Train, validation and test part; every class gives the same share to each, at least one."""
    rng = np.random.default_rng(DATA_SEED)
    parts: tuple[list[ndarray], ...] = ([], [], [])
    labels = everything.labels.numpy()
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        ends = np.cumsum([_share(len(members), share) for share in (test, validation)])
        for part, index in zip(parts, np.split(members, ends), strict=True):
            part.append(index)
    test_part, validation_part, train = (
        everything.take(torch.from_numpy(np.sort(np.concatenate(part)))) for part in parts
    )
    return train, validation_part, test_part


def _share(members: int, share: float) -> int:
    return max(1, round(members * share)) if share else 0
