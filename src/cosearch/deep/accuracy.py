"""Accuracy of a module, and the batch-norm statistics it needs."""

from __future__ import annotations

from typing import Final

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from cosearch.deep.datasets.images import Split

CALIBRATION_IMAGES: Final = 256
BATCH: Final = 128  # activations of a narrow network stay in the cache: 1.5 times faster than 512


@torch.inference_mode()
def calibrate(module: nn.Module, images: Float[Tensor, "n c h w"]) -> None:
    """Replace the batch-norm statistics by those of `images`: the mean over their batches."""
    norms = [part for part in module.modules() if isinstance(part, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # torch's way to ask for a plain average
    module.train()
    for batch in images.split(BATCH):
        module(_channels_last(batch))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    module.eval()


@torch.inference_mode()
def predict(module: nn.Module, split: Split) -> Int[Tensor, " n"]:
    """The class `module` gives each image."""
    module.eval()
    parts = (
        Split(*part)
        for part in zip(split.images.split(BATCH), split.labels.split(BATCH), strict=True)
    )
    return torch.cat([module(_channels_last(part.pixels)).argmax(1) for part in parts])


def evaluate(module: nn.Module, split: Split) -> float:
    """Fraction of `split` classified right (top-1); leaves `module` in eval mode."""
    return float((predict(module, split) == split.labels).double().mean())


def _channels_last(images: Tensor) -> Tensor:
    """The layout in which oneDNN is up to three times faster on narrow networks."""
    return images.contiguous(memory_format=torch.channels_last)
