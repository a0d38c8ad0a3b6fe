"""What is run, and at which size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

TARGETS: Final = {  # name -> what is asked: a device by name, or this machine's runtime
    "systolic": "scalesim-32x32-os",
    "edge-tpu": "edge-tpu-v1",
    "cpu-int8": "onnxruntime",
}
ARMS: Final = {
    "hand-made": "SPOS's four operators in every layer",
    "generated": "the operators the target likes",
}
SPOS_OPERATORS: Final = ("choice_k3", "choice_k5", "choice_k7", "choice_x")


@dataclass(frozen=True)
class Size:
    """Of every run; at the defaults one takes about a quarter of an hour of one core."""

    data: str = "cifar10"
    pixels: int | None = 16
    images: int = 5000
    validation: int = 2000  # of them one search judges 100 networks or more
    test: int = 5000
    width: float = 0.25
    supernet_epochs: int = 16
    epochs: int = 10  # of the winner alone
    lr: float = 0.01  # of AdamW: under SGD twenty layers without residuals hardly learn in so few
    trials: int = 100
    first: int = 25
    threads: int = 1
    targets: dict[str, str] = field(default_factory=lambda: dict(TARGETS))


@dataclass(frozen=True)
class Run:
    """One search, its winner trained alone."""

    target: str
    arm: str
    seed: int

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.target}-{self.arm}-{self.seed}"


def plan(size: Size, seeds: int) -> Iterator[Run]:
    """A seed at a time, so that whatever is done can be compared."""
    for seed in range(seeds):
        for target in size.targets:
            for arm in ARMS:
                yield Run(target, arm, seed)
