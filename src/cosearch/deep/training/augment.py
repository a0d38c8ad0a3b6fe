"""Vary training images, a batch at a time, as uint8.

What is drawn is drawn for the whole batch, and applied to a slice of it: processes that share a
batch draw alike.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import UInt8
from torch import Tensor

from cosearch.deep.training.randaugment import randaugment
from cosearch.deep.training.settings import TrainSettings

Images = UInt8[Tensor, "n c h w"]


def varied(
    images: Images, settings: TrainSettings, generator: torch.Generator, n: int, part: slice
) -> Images:
    """Images `part` of a batch of `n`, as the settings ask."""
    images = augment(
        images,
        shift=settings.shift,
        mirror=settings.mirror,
        generator=generator,
        n=n,
        part=part,
    )
    if not settings.randaugment:
        return images
    drawn = generator, n, part
    return randaugment(images, settings.randaugment, settings.magnitude, *drawn)


def augment(
    images: Images,
    *,
    shift: int,
    mirror: bool,
    generator: torch.Generator,
    n: int | None = None,
    part: slice = slice(None),
) -> Images:
    """Move each image by up to `shift` pixels (zeros come in); mirror half of them if asked."""
    n = len(images) if n is None else n
    if shift:
        offsets = torch.randint(0, 2 * shift + 1, (2, n, 1), generator=generator)
        images = _shifted(images, shift, offsets[:, part].to(images.device))
    if mirror:
        turned = (torch.rand(n, generator=generator) < 0.5)[part].to(images.device)
        images = torch.where(turned[:, None, None, None], images.flip(3), images)
    return images


def _shifted(images: Images, shift: int, offsets: Tensor) -> Images:
    n, _, height, width = images.shape
    padded = F.pad(images, (shift,) * 4)
    rows, columns, all_of_them = (
        torch.arange(size, device=images.device) for size in (height, width, n)
    )
    # advanced indices on both sides of the channel slice: its axis comes out last
    return padded[
        all_of_them[:, None, None],
        :,
        (offsets[0] + rows)[:, :, None],
        (offsets[1] + columns)[:, None, :],
    ].permute(0, 3, 1, 2)
