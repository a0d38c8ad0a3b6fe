"""What a person may set of a recipe that trains networks for one device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from cosearch.errors import CosearchError
from cosearch.problem import Limit
from cosearch.recipes.settings import Settings

LIMITED: Final = ("latency_s", "energy_j")
DEVICE: Final = "small-edge"
PIXELS: Final = range(8, 513)


@dataclass(frozen=True)
class TrainedSettings(Settings):
    """`on` is a device by name, a device file, a calibration, or a lookup table.

    Limits are in SI units; with none given, latency is limited to what a quarter of the space's
    networks reach. `width` narrows or widens the published networks. Epochs None take what suits
    the number of images; `images` trains on so many only.
    """

    data: str = "digits"
    size: int | None = None  # pixels; None keeps the data set's own
    images: int | None = None
    space: str = ""  # None of a name: the recipe's own
    width: float = 1.0
    on: str = DEVICE
    latency_s: float | None = None
    energy_j: float | None = None
    supernet_epochs: int | None = None
    epochs: int | None = None  # of training the winner alone
    threads: int = 1

    OWN_SPACE: ClassVar[str] = "mobile"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at_least(1, "supernet_epochs", "epochs", "threads", "images")
        if self.size is not None and self.size not in PIXELS:
            raise CosearchError(
                f"size = {self.size}: {PIXELS.start} to {PIXELS.stop - 1} pixels are allowed"
            )
        if not 0.05 <= self.width <= 10:
            raise CosearchError(f"width = {self.width}: 0.05 to 10 times the published is allowed")

    @property
    def space_asked(self) -> str:
        """As given, or the recipe's own."""
        return self.space or self.OWN_SPACE

    def limits(self) -> Mapping[str, float]:
        """The limits given, by metric."""
        given = {name: getattr(self, name) for name in LIMITED}
        return {name: Limit(name, at).at_most for name, at in given.items() if at is not None}

    def validate(self) -> None:
        """Raise `CosearchError` for a limit out of range, and whatever has no such name."""
        from cosearch.recipes.trained.target import find_target

        self.limits()
        find_target(self.on)
