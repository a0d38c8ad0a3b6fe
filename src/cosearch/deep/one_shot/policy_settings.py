"""How a policy is taught beside the training of the weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from cosearch.errors import CosearchError, unknown
from cosearch.problem import REWARDS

# TuNAS trains 90 epochs of 1.28 million images, 4,096 at a time; its rate is 3e-4 per 256 images.
_STEPS: Final = 28_125
_RATE: Final = 3e-4 * 4096 / 256


@dataclass(frozen=True)
class PolicySettings:
    """Defaults are TuNAS's (arXiv 2008.06120, google-research/tunas).

    `lr` None takes what suits the number of steps. In the first `warm_share` of the steps the
    policy learns nothing, and the weights are warmed up (`WarmUp`).
    """

    reward: str = "absolute"
    exponent: float | None = None  # None: as published
    lr: float | None = None  # at the start; it rises by a factor of ten
    rise: float = 10.0
    momentum: float = 0.95  # of the baseline
    warm_share: float = 0.25
    batch: int = 256  # validation images of a step

    def __post_init__(self) -> None:
        if self.reward not in REWARDS:
            raise unknown("reward", self.reward, REWARDS)
        if self.lr is not None and not 0 < self.lr < math.inf:
            raise CosearchError(f"lr = {self.lr}: a number above 0 is needed")
        if not 0 <= self.warm_share < 1 or not 0 <= self.momentum < 1:
            raise CosearchError(
                f"warm_share = {self.warm_share}, momentum = {self.momentum}: 0 to below 1 is "
                "allowed"
            )
        if self.batch < 1:
            raise CosearchError(f"batch = {self.batch}: at least 1 is needed")

    def rate(self, done: float, steps: int) -> float:
        """The learning rate when a share `done` of all `steps` is behind us.

        Fewer steps are larger ones, by the square root: so that noise alone, which adds up as in
        a random walk, moves the logits as far as in TuNAS's run.
        """
        start = _RATE * math.sqrt(_STEPS / steps) if self.lr is None else self.lr
        return start * self.rise**done

    def warmth(self, done: float) -> float:
        """Probability that a step is one of the warm-up: from 1 down to 0, linearly."""
        return max(0.0, 1 - done / self.warm_share) if self.warm_share else 0.0

    def warming(self, done: float) -> bool:
        """Whether the policy does not learn yet."""
        return done < self.warm_share
