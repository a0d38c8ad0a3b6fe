"""Images at the size a network takes."""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cosearch.networks.network import Shape


def at_size(images: Float[Tensor, "n c h w"], shape: Shape) -> Float[Tensor, "n c h2 w2"]:
    """Scaled to a shape (c, h, w), bilinear with antialiasing; as they are where they fit."""
    size = tuple(shape[1:])
    if tuple(images.shape[2:]) == size:
        return images
    return F.interpolate(images, size, mode="bilinear", antialias=True)
