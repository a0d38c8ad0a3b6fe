"""Where a model is measured: a runtime of this machine, or a device elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from jaxtyping import Float
from numpy import ndarray

from cosearch.measure.runtime import Model
from cosearch.measure.runtimes import find_runtime
from cosearch.measure.settings import Settings


@dataclass(frozen=True)
class Taken:
    """One or more rounds: samples of the model, and of the reference beside them."""

    rounds: list[Float[ndarray, " n"]]
    reference: list[Float[ndarray, " m"]]


Take = Callable[[], Taken]
Clock = Callable[[], float]  # seconds


class Target(Protocol):
    """What `measure` needs of a place."""

    @property
    def name(self) -> str:
        """As records say it."""
        ...

    def check(self, model: Model, settings: Settings) -> None:
        """Refuse at once what cannot be measured there."""
        ...

    def open(self, model: Model, settings: Settings, clock: Clock) -> AbstractContextManager[Take]:
        """Get everything ready; the result takes rounds as often as it is called."""
        ...

    def describe(self) -> tuple[Mapping[str, str], Mapping[str, Any]]:
        """Versions that decide the figure, and the device; known once rounds were taken."""
        ...


def find_target(on: str) -> Target:
    """A runtime by name, or a remote device by its file, NAME.json."""
    from cosearch.measure.local import LocalTarget
    from cosearch.measure.remote.target import remote_target

    if on.endswith(".json"):
        return remote_target(Path(on))
    return LocalTarget(find_runtime(on))
