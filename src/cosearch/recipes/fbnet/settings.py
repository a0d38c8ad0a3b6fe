"""What a person may set of `fbnet`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from cosearch.errors import CosearchError
from cosearch.recipes.trained.settings import TrainedSettings


@dataclass(frozen=True)
class FbnetSettings(TrainedSettings):
    """What is None takes what was published, stretched to the epochs there are.

    `paths` None mixes all operators of a layer, as FBNet does. A few at a time are faster, but of
    few steps hardly anything is learnt: in a layer without a shortcut every operator puts out
    features of its own, and those after it never see the same ones twice.

    `samples` are networks drawn from what the search learnt; they and the most probable one
    within the limits are judged on the validation images, and the best is delivered.
    """

    loss: str = "multiplied"
    alpha: float | None = None
    beta: float | None = None
    paths: int | None = None
    theta_lr: float | None = None
    warm_epochs: int | None = None
    samples: int = 8

    OWN_SPACE: ClassVar[str] = "fbnet-cifar"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at_least(0, "samples", "warm_epochs")
        self.at_least(1, "paths")
        for name in ("alpha", "beta", "theta_lr"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise CosearchError(f"{name} = {value}: a number above 0 is needed")

    def validate(self) -> None:
        """Raise `CosearchError` for a limit out of range, and whatever has no such name."""
        from cosearch.deep.one_shot.dnas_settings import DnasSettings

        super().validate()
        DnasSettings(loss=self.loss)
