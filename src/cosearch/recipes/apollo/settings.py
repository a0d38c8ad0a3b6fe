"""What a person may set of `apollo`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cosearch.errors import CosearchError, unknown
from cosearch.problem import Limit
from cosearch.recipes.settings import Settings


@dataclass(frozen=True)
class ApolloSettings(Settings):
    """Networks are names of the zoo or files; 6.8 mm2 is the largest of Apollo's three budgets."""

    workload: Sequence[str] = ()
    shape: Sequence[str] = ()  # open sizes of ONNX inputs, NAME=1x3x224x224
    area_mm2: float = 6.8
    optimizer: str = "p3bo"
    trials: int = 512
    batch: int = 16
    warm_start: str | None = None  # folder of a run or of a study
    certify: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("workload", "shape"):  # a manifest has lists
            object.__setattr__(self, name, tuple(getattr(self, name)))
        self.at_least(1, "trials", "batch")
        if not self.workload:
            raise CosearchError("no workload: at least one is needed")

    def validate(self) -> None:
        """Raise `CosearchError` for an area out of range or an unknown optimizer."""
        from cosearch.search import OPTIMIZERS
        from cosearch.study import EXACT

        Limit("area_mm2", self.area_mm2)
        if self.optimizer not in (*OPTIMIZERS, EXACT):
            raise unknown("optimizer", self.optimizer, (*OPTIMIZERS, EXACT))
        if self.optimizer == EXACT and self.warm_start is not None:
            raise CosearchError("optimizer 'exact': covers every design; no warm start is needed")
