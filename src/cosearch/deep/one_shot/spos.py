"""Single Path One-Shot (Guo et al., arXiv 1904.00420): every step trains one path of a supernet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int
from numpy import ndarray
from torch import Tensor

from cosearch.deep.supernet import Supernet
from cosearch.deep.training.loss import cross_entropy
from cosearch.deep.training.task import Moment

Genome = Int[ndarray, " d"]
Sample = Callable[[np.random.Generator], Genome]


@dataclass
class SinglePath:
    """Shared weights learn from one network a step, which `sample` draws.

    Where a batch is worked through in parts, all of them take the same path.
    """

    model: Supernet
    sample: Sample
    smoothing: float = 0.1
    name: str = "supernet"
    _path: Genome | None = None

    def backward(self, images: Tensor, labels: Tensor, moment: Moment) -> float:
        """Cross-entropy of the path drawn."""
        if self._path is None or moment.part == 0:
            self._path = self.sample(moment.rng)
        loss = cross_entropy(self.model(images, self._path), labels, smoothing=self.smoothing)
        moment.backward(loss)
        return float(loss.detach())

    def state_dict(self) -> dict[str, Any]:
        """Nothing beside the model."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Nothing to take up."""
