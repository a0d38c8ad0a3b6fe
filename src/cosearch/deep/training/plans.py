"""What suits data of a given size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from cosearch.deep.training.settings import TrainSettings


@dataclass(frozen=True)
class Plan:
    """What to do for data of a size: for shared weights, and for the winner alone."""

    images: int  # up to so many training images
    sandwich: TrainSettings  # several networks a step, the smallest always among them
    paths: TrainSettings  # one network a step, or a mixture
    alone: TrainSettings


def _paths(epochs: int, batch: int, lr: float, shift: int) -> TrainSettings:
    return TrainSettings(epochs, batch, lr, shift=shift, optimizer="adamw")


# Chosen on digits and small CIFAR-10, on 2 cores; the larger sets get about as many steps as their
# papers' small runs. An operator is on few of the paths, and its gradients depend on the rest of
# each: SGD left Single Path One-Shot's space near chance where AdamW learnt it.
PLANS: Final = (
    Plan(
        5_000,
        TrainSettings(50, 64, 0.1, shift=0),
        _paths(50, 64, 0.03, shift=0),
        TrainSettings(50, 64, 0.1),
    ),
    Plan(
        20_000,
        TrainSettings(20, 128, 0.1, shift=2),
        _paths(20, 128, 0.02, shift=2),
        TrainSettings(60, 128, 0.1, shift=2),
    ),
    Plan(
        10**12,
        TrainSettings(30, 128, 0.1, shift=4),
        _paths(30, 128, 0.02, shift=4),
        TrainSettings(60, 128, 0.1, shift=4),
    ),
)


def plan_for(images: int, *, mirror: bool = False, threads: int = 2) -> Plan:
    """The plan for a number of training images."""
    plan = next(plan for plan in PLANS if images <= plan.images)
    change: dict[str, Any] = {"mirror": mirror, "threads": threads}
    return replace(
        plan,
        sandwich=replace(plan.sandwich, **change),
        paths=replace(plan.paths, **change),
        alone=replace(plan.alone, **change),
    )
