"""What is run, and at which size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cosearch.deep.training import TrainSettings

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
# of the limit, or of the slowest network's latency: what those drawn take at least
NEAR: Final = 0.9
AT_ONCE: Final = 64  # networks drawn; those wanted are the first of them, however many


@dataclass(frozen=True)
class Size:
    """Of every run; at the defaults one takes two to eight minutes of one core."""

    data: str = "cifar10"
    pixels: int | None = 16
    images: int = 5000
    test: int = 5000
    width: float = 0.25
    epochs: int = 10
    networks: int = 5  # of each space on each target
    targets: dict[str, str] = field(default_factory=lambda: dict(TARGETS))

    def training(self, *, mirror: bool) -> TrainSettings:
        """Of every network alone; under SGD twenty layers hardly learn in so few steps."""
        return TrainSettings(
            self.epochs, 32, 0.01, shift=2, mirror=mirror, threads=1, optimizer="adamw"
        )


@dataclass(frozen=True)
class Run:
    """One network of a space, trained alone."""

    target: str
    arm: str
    network: int  # its place among those drawn

    @property
    def name(self) -> str:
        """Of its checkpoint."""
        return f"{self.target}-{self.arm}-{self.network}"


def plan(size: Size) -> Iterator[Run]:
    """One of every space at a time, so that whatever is done can be compared."""
    for network in range(size.networks):
        for target in size.targets:
            for arm in ARMS:
                yield Run(target, arm, network)
