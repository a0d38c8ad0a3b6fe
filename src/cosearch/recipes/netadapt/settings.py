"""What a person may set of `netadapt`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cosearch.errors import CosearchError
from cosearch.recipes.trained.settings import TrainedSettings

NETWORK = "mobilenet-v2-0.35"


@dataclass(frozen=True)
class NetadaptSettings(TrainedSettings):
    """`network` is a network of the zoo, an ONNX file with its weights, or another run's folder.

    `on` may be anything that latencies are known of: networks cut to widths that a lookup table
    lacks are measured where the table was.

    One limit: with none given, latency is to fall by `share` of all that cuts could save. A
    network of the zoo is trained first, for `first_epochs`; `epochs` are of the long fine-tuning
    at the end.
    """

    network: str = NETWORK
    share: float = 0.5
    step: float = 0.03  # of the network's own cost, saved by every cut
    multiple: int = 8
    norm: int = 2
    rule: str = "ratio"
    tune_steps: int = 30  # of every proposal
    tune_lr: float = 0.02
    first_epochs: int | None = None
    int8_epochs: int = 0  # of training on under fake quantisation

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at_least(1, "tune_steps", "first_epochs")
        self.at_least(0, "int8_epochs")
        if not 0 < self.share < 1:
            raise CosearchError(f"share = {self.share}: above 0 and below 1 is needed")
        if not 0 < self.tune_lr < 10:
            raise CosearchError(f"tune_lr = {self.tune_lr}: above 0 and below 10 is needed")
        if self.latency_s is not None and self.energy_j is not None:
            raise CosearchError("netadapt keeps one limit: give a latency or an energy, not both")

    @property
    def metric(self) -> str:
        """What is limited."""
        return "latency_s" if self.energy_j is None else "energy_j"

    @property
    def trained_before(self) -> bool:
        """Whether the network comes with weights."""
        return self.network.endswith(".onnx") or Path(self.network).is_dir()

    def validate(self) -> None:
        """Raise `CosearchError` for a limit out of range, and whatever has no such name."""
        from cosearch.deep.netadapt import AdaptSettings
        from cosearch.recipes.netadapt.target import target_of
        from cosearch.zoo import find_network

        super().validate()
        AdaptSettings(self.step, self.multiple, self.norm, self.rule)
        target_of(self)
        if not self.trained_before:
            find_network(self.network.partition("@")[0])
