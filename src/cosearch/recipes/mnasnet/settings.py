"""What a person may set of `mnasnet`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from cosearch.deep.catalogue import PROXIES
from cosearch.errors import CosearchError, unknown
from cosearch.problem import REWARDS
from cosearch.problem.rewards import LEXICOGRAPHIC
from cosearch.recipes.trained.settings import TrainedSettings

if TYPE_CHECKING:
    from cosearch.measure import Settings as Measuring

SURROGATE: Final = "surrogate"
TRAINED: Final = "trained"


@dataclass(frozen=True)
class MnasnetSettings(TrainedSettings):
    """With `data`, every network tried is trained on it for `child_epochs`, or scored by the
    zero-cost proxy that `accuracy` names, and the best is trained in full; without, accuracies
    are predicted, and there is nothing to train.

    `on` is a device, whose model is asked, or a runtime or remote device, where is measured.

    `latency_s` None is what a quarter of the space's networks reach. `margin`, `precision`,
    `threads` and `max_noise` are for measuring only: the search keeps the limit less the margin,
    so that what it finds meets the limit when it is measured again. With `data`, blocks are
    measured before the search, and the network found whole.
    """

    data: str = ""
    accuracy: str | None = None  # None: trained with images, surrogate without
    on: str = "tpu-v3"
    precision: str | None = None  # fp32 unless given; a device has its own
    margin: float = 0.05
    reward: str = LEXICOGRAPHIC  # a hard limit
    exponent: float | None = None
    image_size: int = 224
    optimizer: str | None = None  # None: genetic for modelled networks, p3bo for measured ones
    trials: int | None = None  # None: 2,000 modelled, 128 measured, 32 trained, 512 scored
    batch: int = 16
    max_noise: float = 0.1
    child_epochs: int = 5  # as published

    OWN_SPACE: ClassVar[str] = "mnasnet"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at_least(1, "trials", "batch", "child_epochs")
        if not 32 <= self.image_size <= 512:
            raise CosearchError(f"image size {self.image_size}: 32 to 512 pixels are allowed")
        if not 0 <= self.margin < 1:
            raise CosearchError(f"margin {self.margin}: 0 to below 1 is allowed")

    @property
    def trained(self) -> bool:
        """Whether there are images, and at least the winner is trained on them."""
        return bool(self.data)

    @property
    def proxy(self) -> str | None:
        """The zero-cost proxy that ranks networks, if one does."""
        return self.accuracy if self.accuracy in PROXIES else None

    @property
    def trials_asked(self) -> int:
        """As given, or what suits the price of one."""
        if self.proxy:
            return self.trials or 512
        return self.trials or (32 if self.trained else 128 if self.measured else 2000)

    @property
    def optimizer_asked(self) -> str:
        """As given, or what suits the price of a trial."""
        return self.optimizer or ("p3bo" if self.measured and not self.trained else "genetic")

    @property
    def measuring(self) -> Measuring:
        """How one network is measured in the search."""
        from cosearch.measure import Settings as Measuring

        return Measuring(
            precision=self.precision or "fp32", threads=self.threads, max_noise=self.max_noise
        )

    def validate(self) -> None:
        """Raise `CosearchError` for a limit out of range, and whatever has no such name."""
        from cosearch.cost.models import find_device
        from cosearch.hardware import devices
        from cosearch.measure import RUNTIMES
        from cosearch.measure.reference import reference_network
        from cosearch.measure.target import find_target
        from cosearch.search import OPTIMIZERS

        self.limits()
        if self.optimizer_asked not in OPTIMIZERS:
            raise unknown("optimizer", self.optimizer, OPTIMIZERS)
        if self.reward not in (LEXICOGRAPHIC, *REWARDS):
            raise unknown("reward", self.reward, (LEXICOGRAPHIC, *REWARDS))
        self._check_accuracy()
        if self.trained:
            super().validate()
            return
        self._check_untrained()
        if self.measured:
            find_target(self.on).check(reference_network(), self.measuring)
            return
        if "/" not in self.on and not self.on.endswith(".json") and self.on not in devices():
            raise unknown("device or runtime", self.on, (*devices(), *RUNTIMES))
        found = find_device(self.on).file
        if self.precision is not None:
            raise CosearchError(
                f"precision {self.precision}: is for measuring; device {found.name} has its own"
            )

    def _check_accuracy(self) -> None:
        """Refuse one that is not known, or that images and it do not go together."""
        if self.accuracy is None:
            return
        if self.accuracy not in (SURROGATE, TRAINED, *PROXIES):
            raise unknown("accuracy", self.accuracy, (SURROGATE, TRAINED, *PROXIES))
        if self.accuracy == SURROGATE and self.trained:
            raise CosearchError("accuracy surrogate: predicts without images; leave out --data")
        if self.accuracy != SURROGATE and not self.trained:
            raise CosearchError(f"accuracy {self.accuracy}: needs images; name --data")

    def _check_untrained(self) -> None:
        """Refuse what only training could make use of."""
        own = {"size": None, "images": None, "energy_j": None, "space": "", "width": 1.0}
        for name, unset in own.items():
            if getattr(self, name) != unset:
                raise CosearchError(f"{name} {getattr(self, name)}: is for training; name --data")
