"""What is run, and at which size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cosearch.deep.training import TrainSettings

SPACE: Final = "nas-bench-macro"
# a plain systolic array, an accelerator with large local memories, a server's core in int8
TARGETS: Final = ("scalesim-32x32-os", "edge-tpu-v1", "x86-avx512-int8")
ONE, TWO, SHORT = "one stage", "two stages", "one stage, as short"
ARMS: Final = (ONE, TWO, SHORT)
# of the score that fixes early layers in the first stage: the recipe's largest, which it takes
# where a quarter of the space is within the limit
ALPHA: Final = 1.0
WITHIN: Final = 0.25  # of the networks are within the limit


@dataclass(frozen=True)
class Size:
    """Of every run."""

    pixels: int = 16
    images: int = 10_000
    validation: int = 5_000
    width: float = 0.25
    epochs: int = 20  # in one stage
    trials: int = 100  # networks a stage judges
    first: int = 25
    early: int = 3  # layers that the first stage leaves alone: of 8, as HURRICANE's 8 of 20

    def training(self) -> TrainSettings:
        """Of the shared weights in one stage."""
        return TrainSettings(
            self.epochs, 64, 0.02, shift=2, mirror=True, threads=1, optimizer="adamw"
        )


@dataclass(frozen=True)
class Run:
    """One search."""

    target: str
    arm: str
    seed: int

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.target}-{self.arm.replace(' ', '-').replace(',', '')}-{self.seed}"


def plan(seeds: int, targets: Sequence[str] = TARGETS) -> Iterator[Run]:
    """A seed at a time, so that arms can be compared."""
    for seed in range(seeds):
        for target in targets:
            for arm in ARMS:
                yield Run(target, arm, seed)
