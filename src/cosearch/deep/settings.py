"""How to train, and what suits data of a given size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from cosearch.errors import CosearchError


@dataclass(frozen=True)
class TrainSettings:
    """SGD with Nesterov momentum; learning rate warmed up, then down a cosine to 0."""

    epochs: int
    batch: int = 64
    lr: float = 0.1  # peak, per step of one batch
    warmup: float = 0.1  # share of all steps
    momentum: float = 0.9
    weight_decay: float = 1e-4  # not on batch norm and biases
    label_smoothing: float = 0.1
    clip: float = 5.0  # largest norm of a step's gradient
    shift: int = 1  # pixels
    mirror: bool = False
    random_networks: int = 1  # of a supernet's step, beside the smallest
    distil: bool = False  # a supernet's step begins with the largest, which teaches the others
    threads: int = 2

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "threads"):
            if getattr(self, name) < 1:
                raise CosearchError(f"training {name} {getattr(self, name)}: at least 1 is needed")
        if not self.lr > 0:
            raise CosearchError(f"training lr {self.lr}: must be above 0")


@dataclass(frozen=True)
class Plan:
    """What to do for data of a size: the supernet, and the winner alone."""

    images: int  # up to so many training images
    supernet: TrainSettings
    alone: TrainSettings


# Chosen on digits, on 2 cores; the larger sets get about as many steps as their papers' small runs.
PLANS: Final = (
    Plan(5_000, TrainSettings(50, 64, 0.1, shift=0), TrainSettings(50, 64, 0.1)),
    Plan(20_000, TrainSettings(20, 128, 0.1, shift=2), TrainSettings(60, 128, 0.1, shift=2)),
    Plan(10**12, TrainSettings(30, 128, 0.1, shift=4), TrainSettings(60, 128, 0.1, shift=4)),
)


def plan_for(images: int, *, mirror: bool = False, threads: int = 2) -> Plan:
    """The plan for a number of training images."""
    plan = next(plan for plan in PLANS if images <= plan.images)
    change: dict[str, Any] = {"mirror": mirror, "threads": threads}
    return replace(
        plan,
        supernet=replace(plan.supernet, **change),
        alone=replace(plan.alone, **change),
    )
