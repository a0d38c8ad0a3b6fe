"""What a person may set of `hurricane`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from cosearch.errors import CosearchError
from cosearch.recipes.hurricane.narrowing import Narrowing
from cosearch.recipes.spos.settings import SposSettings

LAYERS: Final = 20


@dataclass(frozen=True)
class HurricaneSettings(SposSettings):
    """As published are 4 operators by score and one exploring in the last 4 layers, and stages that
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
