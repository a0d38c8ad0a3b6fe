"""A supernet in which one option of each place lets the image through and the others are noise."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn


class Planted(nn.Module):
    """Options `best` are right; every other replaces the image by noise."""

    def __init__(self, options: tuple[int, ...], best: tuple[int, ...], pixels: int = 64) -> None:
        super().__init__()
        self.options, self.best = options, best
        torch.manual_seed(0)
        self.classify = nn.Linear(pixels, 10)

    def mixture(self, images: Tensor, weights: list[Tensor]) -> Tensor:
        x = images.flatten(1)
        # the same noise for the same images: what is differentiated must not change
        generator = torch.Generator().manual_seed(int(images.sum().item() * 1e6) % 2**31)
        for of_place, best in zip(weights, self.best, strict=True):
            noise = torch.randn((len(of_place), *x.shape), generator=generator)
            x = sum(
                w * (x if option == best else noise[option].to(x.dtype))
                for option, w in enumerate(of_place)
                if w != 0
            )
        return self.classify(x)

    def forward(self, images: Tensor, genome: np.ndarray) -> Tensor:
        chosen = [torch.eye(n)[i] for n, i in zip(self.options, genome, strict=True)]
        return self.mixture(images, chosen)
