"""What a person may set of `nahas`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from cosearch.errors import CosearchError, unknown
from cosearch.problem import Limit
from cosearch.recipes.settings import Settings

SUPERNET: Final = "supernet"
CHIPS: Final = ("nahas", "apollo")


@dataclass(frozen=True)
class NahasSettings(Settings):
    """Limits are in SI units (mm2 for area); None lets the recipe derive them from the baseline.

    `accuracy` is "supernet", trained on `data`, or a table by name, which needs no training and
    leaves everything about data and epochs aside.
    """

    accuracy: str = SUPERNET
    chips: str = "nahas"  # the space searched; a table can be searched with "apollo" too
    certify: bool = True  # with a table: the certain optimum, and how far from it
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

    @property
    def tabular(self) -> bool:
        """Whether accuracies come from a table."""
        return self.accuracy != SUPERNET

    def validate(self) -> None:
        """Raise `CosearchError` for a limit out of range, and whatever has no such name."""
        from cosearch.accuracy import TABLES
        from cosearch.hardware import find_chip
        from cosearch.search import OPTIMIZERS
        from cosearch.study import EXACT

        self.limits()
        find_chip(self.chip)
        _known("accuracy", self.accuracy, (SUPERNET, *TABLES))
        _known("chips", self.chips, CHIPS if self.tabular else ("nahas",))
        _known("optimizer", self.optimizer, (*OPTIMIZERS, *([EXACT] if self.tabular else [])))


def _known(what: str, name: str, allowed: Collection[str]) -> None:
    if name not in allowed:
        raise unknown(what, name, allowed)
