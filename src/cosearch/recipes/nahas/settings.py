"""What a person may set of `nahas`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from cosearch.deep.catalogue import PROXIES
from cosearch.errors import CosearchError, unknown
from cosearch.problem import REWARDS, Limit
from cosearch.recipes.settings import Settings

SUPERNET: Final = "supernet"
TRAINED: Final = "trained"
SEARCH: Final = "search"
ONE_SHOT: Final = "one-shot"
CHIPS: Final = ("nahas", "apollo")


@dataclass(frozen=True)
class NahasSettings(Settings):
    """Limits are in SI units (mm2 for area); None lets the recipe derive them from the baseline.

    `accuracy` is "supernet", trained on `data`; or "trained", every network on its own for
    `child_epochs`; or a zero-cost proxy, whose score of the untrained network ranks it; or a
    table by name, which needs no training and leaves everything about data and epochs aside.
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
    trials: int | None = None  # of each search; None: 1,000, or 32 where each is trained
    child_epochs: int = 5  # of each network tried, where it is trained on its own
    supernet_epochs: int | None = None  # None takes what suits the number of images
    epochs: int | None = None  # of training the winner alone; None likewise
    optimizer: str = "genetic"
    method: str = SEARCH  # or "one-shot": a policy learns beside the shared weights
    space: str = "mobile"  # one-shot: any other that is a chain of blocks, at this width
    width: float = 1.0
    reward: str = "absolute"  # one-shot: what the policy is told
    exponent: float | None = None
    cost_model: str = "modelled"  # one-shot: or "mlp", learnt from the model
    threads: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        self.at_least(1, "trials", "supernet_epochs", "epochs", "child_epochs", "threads")
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
        return self.accuracy not in (SUPERNET, TRAINED, *PROXIES)

    @property
    def proxy(self) -> str | None:
        """The zero-cost proxy that ranks networks, if one does."""
        return self.accuracy if self.accuracy in PROXIES else None

    @property
    def trials_asked(self) -> int:
        """As given, or what suits the price of one."""
        return self.trials or (32 if self.accuracy == TRAINED else 1000)

    def validate(self) -> None:
        """Raise `CosearchError` for a limit out of range, and whatever has no such name."""
        from cosearch.accuracy import TABLES
        from cosearch.hardware import find_chip
        from cosearch.search import OPTIMIZERS
        from cosearch.study import EXACT

        self.limits()
        find_chip(self.chip)
        _known("accuracy", self.accuracy, (SUPERNET, TRAINED, *PROXIES, *TABLES))
        _known("chips", self.chips, CHIPS if self.tabular else ("nahas",))
        _known("optimizer", self.optimizer, (*OPTIMIZERS, *([EXACT] if self.tabular else [])))
        _known("method", self.method, (SEARCH, ONE_SHOT))
        if self.method == ONE_SHOT:
            self._check_one_shot()

    def _check_one_shot(self) -> None:
        from cosearch.families.sizes import SIZED
        from cosearch.recipes.nahas.one_shot.costs import COST_MODELS, LEARNED

        _known("accuracy of the one-shot method", self.accuracy, (SUPERNET,))
        _known("space", self.space, ("mobile", *SIZED))
        _known("reward", self.reward, REWARDS)
        _known("cost model", self.cost_model, COST_MODELS)
        if self.exponent is not None and not -100 <= self.exponent < 0:
            raise CosearchError(f"exponent = {self.exponent}: -100 to below 0 is allowed")
        if self.cost_model == LEARNED and self.energy_j is not None:
            raise CosearchError("cost model mlp knows latency and area, no energy: use modelled")


def _known(what: str, name: str, allowed: Collection[str]) -> None:
    if name not in allowed:
        raise unknown(what, name, allowed)
