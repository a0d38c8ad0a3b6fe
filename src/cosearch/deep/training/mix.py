"""Mix the images of a batch, and their labels with them."""

from __future__ import annotations

import numpy as np
import torch.nn.functional as F
from torch import Tensor

from cosearch.deep.training.settings import TrainSettings


def mixed(
    images: Tensor, labels: Tensor, classes: int, settings: TrainSettings, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Each image with its counterpart from the other end of the batch, by one share for all.

    Images are float (n, c, h, w); labels come out as shares of the classes (n, classes).
    """
    cut = settings.cutmix > 0 and (settings.mixup == 0 or rng.random() < 0.5)
    alpha = settings.cutmix if cut else settings.mixup
    share = float(rng.beta(alpha, alpha))
    images, share = _cut(images, share, rng) if cut else (_faded(images, share), share)
    exact = F.one_hot(labels, classes).float()
    return images, exact * share + exact.flip(0) * (1 - share)


def _faded(images: Tensor, share: float) -> Tensor:
    """mixup (Zhang et al., arXiv 1710.09412)."""
    return images * share + images.flip(0) * (1 - share)


def _cut(images: Tensor, share: float, rng: np.random.Generator) -> tuple[Tensor, float]:
    """CutMix (Yun et al., arXiv 1905.04899): a box of the other; its true share is returned."""
    sides = np.array(images.shape[2:])
    half = sides * np.sqrt(1 - share) / 2
    middle = rng.integers(0, sides)
    (top, left), (bottom, right) = (
        np.clip(np.round(middle + way * half), 0, sides).astype(int) for way in (-1, 1)
    )
    out = images.clone()
    out[:, :, top:bottom, left:right] = images.flip(0)[:, :, top:bottom, left:right]
    return out, 1 - float((bottom - top) * (right - left) / np.prod(sides))
