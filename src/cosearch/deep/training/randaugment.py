"""RandAugment (Cubuk et al., arXiv 1909.13719): random changes of one common strength.

The changes and their ranges are the paper's. Each is done at once for all images that drew it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

# (k, c, h, w) uint8 and strengths (k,) in [-1, 1] to the same images changed
Change = Callable[[Tensor, Tensor], Tensor]


def randaugment(
    images: Tensor,
    changes: int,
    magnitude: float,
    generator: torch.Generator,
    n: int,
    part: slice,
) -> Tensor:
    """Apply `changes` of the 14 to each image, at strength `magnitude` of 10, either way."""
    chosen = torch.randint(len(CHANGES), (changes, n), generator=generator)[:, part]
    signs = torch.randint(2, (changes, n), generator=generator)[:, part] * 2 - 1
    for row, sign in zip(chosen, signs, strict=True):
        strength = (sign * (magnitude / 10)).to(images.device, torch.float32)
        images = _once(images, row.to(images.device), strength)
    return images


def _once(images: Tensor, row: Tensor, strength: Tensor) -> Tensor:
    out = images.clone()
    for i in row.unique().tolist():
        group = (row == i).nonzero()[:, 0]
        out[group] = CHANGES[i](images[group], strength[group])
    return out


# ---- colours


def _identity(images: Tensor, strength: Tensor) -> Tensor:
    return images


def _autocontrast(images: Tensor, strength: Tensor) -> Tensor:
    """Each channel stretched to 0..255."""
    x = images.float()
    low, high = x.amin((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
    stretched = (x - low) * (255 / (high - low).clamp(min=1))
    return _bytes(torch.where(high > low, stretched, x))


def _equalize(images: Tensor, strength: Tensor) -> Tensor:
    """Each channel's values spread evenly, by its own histogram."""
    k, c, h, w = images.shape
    values = images.reshape(k * c, h * w).long()
    counts = torch.zeros(k * c, 256, device=images.device)
    counts.scatter_add_(1, values, torch.ones_like(values, dtype=torch.float32))
    below = counts.cumsum(1) - counts
    rest = (h * w - counts.gather(1, values.amax(1, keepdim=True))).clamp(min=1)
    spread = (below * (255 / rest)).clamp(max=255)
    return _bytes(spread.gather(1, values).reshape(k, c, h, w))


def _solarize(images: Tensor, strength: Tensor) -> Tensor:
    """What is brighter than a threshold is turned into its negative."""
    threshold = _each(256 * (1 - strength.abs()))
    return torch.where(images.float() >= threshold, 255 - images, images)


def _posterize(images: Tensor, strength: Tensor) -> Tensor:
    """8 down to 4 bits."""
    step = 2 ** (4 * strength.abs()).round()
    return _bytes((images.float() / _each(step)).floor() * _each(step))


def _contrast(images: Tensor, strength: Tensor) -> Tensor:
    return _blend(images, _grey(images).mean((1, 2, 3), keepdim=True), strength)


def _brightness(images: Tensor, strength: Tensor) -> Tensor:
    return _blend(images, torch.zeros_like(images, dtype=torch.float32), strength)


def _colour(images: Tensor, strength: Tensor) -> Tensor:
    return _blend(images, _grey(images), strength)


def _sharpness(images: Tensor, strength: Tensor) -> Tensor:
    """Against a blurred copy; the edge of an image stays as it is."""
    x = images.float()
    if min(x.shape[2:]) < 3:
        return images
    taps = torch.tensor([[1.0, 1, 1], [1, 5, 1], [1, 1, 1]], device=x.device) / 13
    blurred = x.clone()
    blurred[:, :, 1:-1, 1:-1] = F.conv2d(x, taps.expand(x.shape[1], 1, 3, 3), groups=x.shape[1])
    return _blend(images, blurred, strength)


def _blend(images: Tensor, other: Tensor, strength: Tensor) -> Tensor:
    """Away from `other` for strengths above 0, towards it for those below."""
    return _bytes(other + (images.float() - other) * _each(1 + 0.9 * strength))


def _grey(images: Tensor) -> Tensor:
    if images.shape[1] != 3:
        return images.float().mean(1, keepdim=True)
    weights = torch.tensor([0.299, 0.587, 0.114], device=images.device)
    return (images.float() * weights[:, None, None]).sum(1, keepdim=True)


# ---- places: each a matrix from where a pixel goes to where it comes from


def _rotate(images: Tensor, strength: Tensor) -> Tensor:
    angle = strength * math.radians(30)
    cos, sin = angle.cos(), angle.sin()
    height, width = images.shape[2:]
    return _moved(images, (cos, -sin * height / width, 0), (sin * width / height, cos, 0))


def _shear_x(images: Tensor, strength: Tensor) -> Tensor:
    return _moved(images, (1, 0.3 * strength, 0), (0, 1, 0))


def _shear_y(images: Tensor, strength: Tensor) -> Tensor:
    return _moved(images, (1, 0, 0), (0.3 * strength, 1, 0))


def _translate_x(images: Tensor, strength: Tensor) -> Tensor:
    return _moved(images, (1, 0, 0.9 * strength), (0, 1, 0))


def _translate_y(images: Tensor, strength: Tensor) -> Tensor:
    return _moved(images, (1, 0, 0), (0, 1, 0.9 * strength))


def _moved(images: Tensor, *rows: tuple[Tensor | float, ...]) -> Tensor:
    """Nearest pixel; zeros come in. Coordinates go from -1 to 1 across the image."""
    matrix = torch.zeros(len(images), 2, 3, device=images.device)
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            matrix[:, i, j] = value
    grid = F.affine_grid(matrix, list(images.shape), align_corners=False)
    return F.grid_sample(images.float(), grid, mode="nearest", align_corners=False).to(torch.uint8)


def _each(x: Tensor) -> Tensor:
    return x[:, None, None, None]


def _bytes(x: Tensor) -> Tensor:
    return x.round().clamp(0, 255).to(torch.uint8)


CHANGES: Final[tuple[Change, ...]] = (
    _identity, _autocontrast, _equalize, _rotate, _solarize, _colour, _posterize,
    _contrast, _brightness, _sharpness, _shear_x, _shear_y, _translate_x, _translate_y,
)  # fmt: skip
