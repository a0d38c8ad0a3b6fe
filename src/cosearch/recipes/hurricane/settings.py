"""What a person may set of `hurricane`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from cosearch.errors import CosearchError, unknown
from cosearch.recipes.hurricane.narrowing import Narrowing
from cosearch.recipes.spos.settings import SposSettings

if TYPE_CHECKING:
    from cosearch.measure import Settings as Measuring

LAYERS: Final = 20


@dataclass(frozen=True)
class HurricaneSettings(SposSettings):
    """`on` may also be a runtime or a remote device: all operators are then measured there.

    As published are 4 operators by score and one exploring in the last 4 layers, and stages that
    part at layer 8. `alpha`, the weight of capacity in the score, and the shares of the one-stage
    epochs that the two stages train for could not be found: alpha None is the largest at which a
    quarter of the space is within the limit; the shares are within what was saved as published.
    """

    alpha: float | None = None
    best: int = 4
    exploring: int = 1
    exploring_layers: int = 4
    early: int = 8  # layers that the first stage leaves alone
    stages: int = 2
    first_share: float = 0.3
    second_share: float = 0.06
    precision: str | None = None  # measuring: fp32 unless given; a device has its own
    max_noise: float = 0.25  # measuring: what is noisier is measured up to three times

    OWN_SPACE: ClassVar[str] = "hurricane"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at_least(1, "best")
        self.at_least(0, "exploring", "exploring_layers", "alpha")
        if self.space_asked != self.OWN_SPACE:
            raise CosearchError(f"space {self.space!r}: hurricane makes its own from its operators")
        if self.stages not in (1, 2):
            raise CosearchError(f"stages = {self.stages}: 1 or 2 are allowed")
        if not 1 <= self.early < LAYERS:
            raise CosearchError(f"early = {self.early}: 1 to {LAYERS - 1} layers are allowed")
        for name in ("first_share", "second_share"):
            if not 0 < getattr(self, name) <= 1:
                raise CosearchError(f"{name} = {getattr(self, name)}: above 0 to 1 is allowed")

    def narrowing(self, alpha: float) -> Narrowing:
        """What is kept of the pool."""
        return Narrowing(alpha, self.best, self.exploring, self.exploring_layers)

    @property
    def measured(self) -> bool:
        """Whether operators are measured rather than modelled or looked up."""
        from cosearch.hardware.device_file import read_object
        from cosearch.measure import RUNTIMES

        if self.on.endswith(".json") and Path(self.on).is_file():
            return "run" in read_object(Path(self.on))  # a remote device says how it runs a network
        return self.on in RUNTIMES

    @property
    def measuring(self) -> Measuring:
        """How one operator is measured: what ranks operators; factors are between them."""
        from cosearch.measure import Settings as Measuring

        return Measuring(precision=self.precision or "fp32", max_rounds=5, max_noise=self.max_noise)

    def validate(self) -> None:
        """Raise `CosearchError` for a limit out of range, and whatever has no such name."""
        from cosearch.hardware import devices
        from cosearch.measure import RUNTIMES
        from cosearch.measure.reference import reference_network
        from cosearch.measure.target import find_target

        if self.measured:
            self.limits()
            self.check_optimizer()
            find_target(self.on).check(reference_network(), self.measuring)
            return
        if "/" not in self.on and not self.on.endswith(".json") and self.on not in devices():
            raise unknown("device or runtime", self.on, (*devices(), *RUNTIMES))
        super().validate()
        if self.precision is not None:
            raise CosearchError(
                f"precision {self.precision}: is for measuring; {self.on} has its own"
            )
