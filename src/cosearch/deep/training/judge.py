"""How good the weights are so far."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import nn

from cosearch.deep.datasets.images import to_pixels
from cosearch.deep.training.images import Images
from cosearch.deep.training.precision import narrowed
from cosearch.deep.training.state import Run, Standing
from cosearch.deep.training.world import World

BATCH = 128


def judged(run: Run, standing: Standing) -> AbstractContextManager[None]:
    """The model with the weights that are judged and kept: their average, if there is one."""
    if standing.average is None:
        return nullcontext()
    return standing.average.inside(run.task.model)


def score(run: Run) -> float | None:
    """Validation accuracy of the model as it is, or what the caller's function says."""
    if run.validation is None:
        return None
    model = run.task.model.eval()
    if not callable(run.validation):
        return accuracy(model, run.validation, run.world, run.settings.precision)
    own = run.validation(model) if run.world.first else 0.0
    return run.world.sum(own)[0]


@torch.inference_mode()
def accuracy(model: nn.Module, data: Images, world: World, precision: str = "fp32") -> float:
    """Fraction of `data` classified right (top-1), each process judging its share."""
    own = torch.arange(len(data))[world.slice(len(data))]
    right = 0
    batches = own.split(BATCH)
    for index, images in zip(batches, data.read(batches, (0, 0)), strict=True):
        pixels = to_pixels(images.to(world.device))
        with narrowed(precision, world.device):
            logits = model(pixels.contiguous(memory_format=torch.channels_last))
        right += int((logits.argmax(1).cpu() == data.labels[index]).sum())
    return world.sum(float(right))[0] / len(data)
