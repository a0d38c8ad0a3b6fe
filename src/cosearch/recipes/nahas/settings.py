"""What a person may set of `nahas`."""

from __future__ import annotations

from dataclasses import dataclass

from cosearch.errors import CosearchError, unknown
from cosearch.problem import Limit
from cosearch.recipes.settings import Settings


@dataclass(frozen=True)
class NahasSettings(Settings):
    """Limits are in SI units (mm2 for area); None lets the recipe derive them from the baseline."""

    data: str = "digits"
    size: int | None = None  # pixels; None keeps the data set's own
    chip: str = "nahas-baseline"  # the fixed accelerator to compare with
    latency_s: float | None = None
    area_mm2: float | None = None
    energy_j: float | None = None
    trials: int = 1000
    supernet_epochs: int | None = None  # None takes what suits the number of images
    epochs: int | None = None  # of training the winner alone; None likewise
    optimizer: str = "genetic"
    threads: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at_least(1, "trials", "supernet_epochs", "epochs", "threads")
        if self.size is not None and not 8 <= self.size <= 512:
            raise CosearchError(f"size = {self.size}: 8 to 512 pixels are allowed")

    def limits(self) -> dict[str, float]:
        """The limits given, by metric."""
        names = ("latency_s", "area_mm2", "energy_j")
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        return {name: Limit(name, value).at_most for name, value in given.items()}

    def validate(self) -> None:
        """Raise `CosearchError` for a limit out of range, an unknown device or optimizer."""
        from cosearch.hardware import find_chip
        from cosearch.search import OPTIMIZERS

        self.limits()
        find_chip(self.chip)
        if self.optimizer not in OPTIMIZERS:
            raise unknown("optimizer", self.optimizer, OPTIMIZERS)
