"""The plain task: a module learns to name the class, from labels and perhaps from a teacher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cosearch.deep.training.loss import cross_entropy, divergence
from cosearch.deep.training.settings import TrainSettings
from cosearch.deep.training.task import Moment


@dataclass
class Classify:
    """Cross-entropy of `model`; `weights` of the classes make up for unequal numbers of images."""

    model: nn.Module
    settings: TrainSettings
    teacher: nn.Module | None = None
    weights: Float[Tensor, " classes"] | None = None
    name: str = "training"

    def backward(self, images: Tensor, labels: Tensor, moment: Moment) -> float:
        """One forward pass, one backward."""
        loss = self._loss(self.model(images), images, labels)
        moment.backward(loss)
        return float(loss.detach())

    def state_dict(self) -> dict[str, Any]:
        """Nothing beside the model."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Nothing to take up."""

    def _loss(self, logits: Tensor, images: Tensor, labels: Tensor) -> Tensor:
        settings = self.settings
        weights = None if self.weights is None else self.weights.to(logits.device)
        smoothing = settings.label_smoothing
        loss = cross_entropy(logits, labels, smoothing=smoothing, weights=weights)
        if self.teacher is None:
            return loss
        taught = self._taught(images)
        share = settings.teacher_share
        return (1 - share) * loss + share * divergence(logits, taught, settings.temperature)

    def _taught(self, images: Tensor) -> Tensor:
        assert self.teacher is not None
        with torch.no_grad():
            return self.teacher.to(images.device).eval()(images)
