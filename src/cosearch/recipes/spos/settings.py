"""What a person may set of `spos`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from cosearch.errors import CosearchError, unknown
from cosearch.recipes.trained.settings import TrainedSettings

PRECISIONS: Final = ("fp32", "int8")

# The numbers of SPOS's evolution in the terms of ours: parents are the ten best, a child has one
# parent or two, and a gene of its 20 changes with a chance of 0.1. Choices have no order.
AS_PUBLISHED: Final[dict[str, Any]] = {
    "population": 10,
    "tournament": 1,
    "crossover": 0.5,
    "mutation": 2.0,
    "near": 0.0,
    "max_age": 10**9,
}


@dataclass(frozen=True)
class SposSettings(TrainedSettings):
    """`paths` None trains all paths alike; "LOW:HIGH" those between shares of the latency limit.

    `trials` are networks scored with the shared weights, each after its batch norm is calibrated
    anew, and quantised if `scored_in` is int8; the `first` of them are drawn within the limits.
    """

    paths: str | None = None
    bins: int = 7  # of the range of paths, each as often as any other
    trials: int = 400
    first: int = 50
    scored_in: str = "fp32"
    optimizer: str = "genetic"

    OWN_SPACE: ClassVar[str] = "spos"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at_least(1, "trials", "first", "bins")
        self.path_range()
        if self.scored_in not in PRECISIONS:
            raise unknown("precision", self.scored_in, PRECISIONS)

    def path_range(self) -> tuple[float, float] | None:
        """Shares of the latency limit; None: any path."""
        if self.paths is None:
            return None
        try:
            low, high = map(float, self.paths.split(":"))
        except ValueError:
            raise CosearchError(f"paths {self.paths!r}: needs LOW:HIGH, as 0.9:1.1") from None
        if not 0 <= low < high < float("inf"):
            raise CosearchError(f"paths {self.paths!r}: 0 <= LOW < HIGH is needed")
        return low, high

    @property
    def options(self) -> dict[str, Any]:
        """Of the optimizer."""
        return AS_PUBLISHED if self.optimizer == "genetic" else {}

    def validate(self) -> None:
        """Raise `CosearchError` for a limit out of range, and whatever has no such name."""
        super().validate()
        self.check_optimizer()

    def check_optimizer(self) -> None:
        """Raise `CosearchError` for one that there is not."""
        from cosearch.search import OPTIMIZERS

        if self.optimizer not in OPTIMIZERS:
            raise unknown("optimizer", self.optimizer, OPTIMIZERS)
