"""Vary training images, a batch at a time, as uint8."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import UInt8
from torch import Tensor

Images = UInt8[Tensor, "n c h w"]


def augment(images: Images, *, shift: int, mirror: bool, generator: torch.Generator) -> Images:
    """Move each image by up to `shift` pixels (zeros come in); mirror half of them if asked."""
    if shift:
        images = _shifted(images, shift, generator)
    if mirror:
        turned = torch.rand(len(images), generator=generator) < 0.5
        images = torch.where(turned[:, None, None, None], images.flip(3), images)
    return images


def _shifted(images: Images, shift: int, generator: torch.Generator) -> Images:
    n, _, height, width = images.shape
    padded = F.pad(images, (shift,) * 4)
    offsets = torch.randint(0, 2 * shift + 1, (2, n, 1), generator=generator)
    rows = (offsets[0] + torch.arange(height))[:, :, None]
    columns = (offsets[1] + torch.arange(width))[:, None, :]
    # advanced indices on both sides of the channel slice: its axis comes out last
    return padded[torch.arange(n)[:, None, None], :, rows, columns].permute(0, 3, 1, 2)
