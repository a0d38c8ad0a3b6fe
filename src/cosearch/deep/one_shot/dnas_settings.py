"""How a differentiable search goes on beside the training of the weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from cosearch.deep.one_shot.dnas_losses import LOSSES
from cosearch.errors import CosearchError, unknown

EPOCHS: Final = 90  # of FBNet's schedule, to which the cooling belongs
COOLING: Final = 0.045


@dataclass(frozen=True)
class DnasSettings:
    """Defaults are FBNet's (arXiv 1812.03443), those of the code around it where it is silent.

    `unit_s`, `alpha` and `beta` None take what suits the loss. `paths` None mixes all options of
    a place; fewer need less memory and time.
    """

    loss: str = "multiplied"
    alpha: float | None = None
    beta: float | None = None
    unit_s: float | None = None
    theta_lr: float = 0.01
    theta_decay: float = 5e-4
    temperature: float = 5.0
    cooling: float = COOLING  # the temperature falls by exp(-cooling) an epoch
    warm_epochs: int = 10  # only weights are trained
    theta_share: float = 0.2  # of the training images
    paths: int | None = None

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise unknown("loss", self.loss, LOSSES)
        for name in ("theta_lr", "temperature", "unit_s"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise CosearchError(f"{name} = {value}: a number above 0 is needed")
        if not 0 < self.theta_share < 1:
            raise CosearchError(f"theta_share = {self.theta_share}: above 0, below 1 is allowed")
        if self.warm_epochs < 0:
            raise CosearchError(f"warm_epochs = {self.warm_epochs}: at least 0 is needed")
        if self.paths is not None and self.paths < 1:
            raise CosearchError(f"paths = {self.paths}: at least 1 is needed")

    def temperature_at(self, epoch: int) -> float:
        """Of epoch 0, 1, ..."""
        return self.temperature * math.exp(-self.cooling * epoch)
