"""What an exact method found, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError

EXACT: Final = "exact"


@dataclass(frozen=True)
class Solved:
    """The best designs of a problem, none of which was passed over.

    Where none meets the limits, the one that misses them least; nothing where none can run.
    """

    genomes: Int[ndarray, "k d"]  # best first
    method: str
    designs: int  # all of the space, every one evaluated, or bounded by what it cannot beat
    can_run: int | None  # None: not counted
    within_limits: int | None
    model_difference: float  # relative, of the method's figures of these designs from the model's

    @property
    def certificate(self) -> dict[str, Any]:
        """What a study's folder says of it, but for the designs."""
        names = ("method", "designs", "can_run", "within_limits", "model_difference")
        return {name: getattr(self, name) for name in names}


def needs(what: str) -> CosearchError:
    """Say what a problem lacks for being solved exactly."""
    return CosearchError(f"optimizer {EXACT!r}: needs {what}")
