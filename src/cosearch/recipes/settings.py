"""What a person may set of a run; stored in its manifest, so that a resumed run has the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from cosearch.errors import CosearchError
from cosearch.problem import Limit


@dataclass(frozen=True)
class Settings:
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
    seed: int = 0
    workers: int = 1
    threads: int = 1

    def __post_init__(self) -> None:
        for name in ("trials", "supernet_epochs", "epochs", "workers", "threads", "seed"):
            value, least = getattr(self, name), 0 if name == "seed" else 1
            if value is not None and value < least:
                raise CosearchError(f"{name} = {value}: at least {least} is needed")
        if self.size is not None and not 8 <= self.size <= 512:
            raise CosearchError(f"size = {self.size}: 8 to 512 pixels are allowed")

    def limits(self) -> dict[str, float]:
        """The limits given, by metric."""
        names = ("latency_s", "area_mm2", "energy_j")
        given = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        return {name: Limit(name, value).at_most for name, value in given.items()}

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `from_dict` reverses it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild; `CosearchError` where a key is unknown."""
        try:
            return cls(**data)
        except TypeError as error:
            raise CosearchError(f"settings: {error}") from error
