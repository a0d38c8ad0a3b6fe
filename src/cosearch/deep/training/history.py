"""What was seen of a run: plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Epoch:
    """One pass over the images."""

    epoch: int  # from 1
    loss: float  # mean over its steps
    lr: float  # of its last step
    accuracy: float | None  # on the validation images, where there are any
    images_per_s: float  # of training; the one figure two runs differ in

    @property
    def note(self) -> str:
        """For people."""
        judged = "" if self.accuracy is None else f", validation {self.accuracy:.2%}"
        return f"loss {self.loss:.3f}{judged}"


@dataclass
class History:
    """Epoch by epoch; `weights` says which of the weights were judged, and kept."""

    weights: str = "the last"
    epochs: list[Epoch] = field(default_factory=list)
    best: int | None = None  # the epoch whose weights were kept, where that was not the last
    notes: list[str] = field(default_factory=list)  # what a person should know
    images_of_class: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.epochs)

    def since_best(self) -> int:
        """Epochs since validation was at its best."""
        scores = [row.accuracy for row in self.epochs if row.accuracy is not None]
        return len(scores) - 1 - scores.index(max(scores)) if scores else 0

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `from_dict` reverses it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> History:
        """Rebuild."""
        rows = [Epoch(**row) for row in data["epochs"]]
        return cls(**{**data, "epochs": rows})
