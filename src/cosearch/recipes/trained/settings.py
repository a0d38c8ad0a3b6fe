"""What a person may set of a recipe that trains networks for one device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from cosearch.errors import CosearchError, unknown
from cosearch.problem import Limit
from cosearch.recipes.settings import Settings

if TYPE_CHECKING:
    from cosearch.measure import Settings as Measuring
    from cosearch.recipes.trained.place import Place

LIMITED: Final = ("latency_s", "energy_j")
DEVICE: Final = "small-edge"
PIXELS: Final = range(8, 513)


@dataclass(frozen=True)
class TrainedSettings(Settings):
    """`on` is a device by name, a device file, a calibration, or a lookup table; or a runtime or a
    remote device, where is measured: `precision` and `max_noise` are for that alone.

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
    precision: str | None = None  # fp32 unless given; a device has its own
    max_noise: float = 0.25  # what is noisier is measured up to three times
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

    @property
    def measured(self) -> bool:
        """Whether the target is measured rather than modelled or looked up."""
        from cosearch.hardware.device_file import read_object
        from cosearch.measure import RUNTIMES

        if self.on.endswith(".json") and Path(self.on).is_file():
            return "run" in read_object(Path(self.on))  # a remote device says how it runs a network
        return self.on in RUNTIMES

    @property
    def measuring(self) -> Measuring:
        """How one block is measured: what ranks blocks; factors are between them."""
        from cosearch.measure import Settings as Measuring

        return Measuring(precision=self.precision or "fp32", max_rounds=5, max_noise=self.max_noise)

    @property
    def place(self) -> Place:
        """Where is measured."""
        from cosearch.recipes.trained.place import Place

        return Place(self.on, self.measuring)

    def validate(self) -> None:
        """Raise `CosearchError` for a limit out of range, and whatever has no such name."""
        from cosearch.hardware import devices
        from cosearch.measure import RUNTIMES
        from cosearch.measure.reference import reference_network
        from cosearch.measure.target import find_target as find_measured
        from cosearch.recipes.trained.target import Target, find_target

        limits = self.limits()
        if self.measured:
            find_measured(self.on).check(reference_network(), self.measuring)
            Target(str(self.place)).check_metrics(limits)
            return
        known = (*devices(), *RUNTIMES)
        if "/" not in self.on and not self.on.endswith(".json") and self.on not in known:
            raise unknown("device or runtime", self.on, known)
        find_target(self.on).check_metrics(limits)
        if self.precision is not None:
            raise CosearchError(
                f"precision {self.precision}: is for measuring; {self.on} has its own"
            )
