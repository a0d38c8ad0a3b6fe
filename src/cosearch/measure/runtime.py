"""What every runtime offers, whatever it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

from cosearch.errors import CosearchError
from cosearch.measure.settings import Settings
from cosearch.networks import Network

Model = Path | Network


class Session(Protocol):
    """A model loaded and fed, ready to be run again and again."""

    def run(self) -> object:
        """One inference of the whole batch; returns when it is done."""
        ...


class Backend(Protocol):
    """The module of a runtime: imported when first asked, as it imports what its extra brings."""

    def versions(self) -> Mapping[str, str]:
        """Libraries that decide the figure, with their versions."""
        ...

    def prepare(self, model: Model, settings: Settings) -> Session:
        """Load a file, or build the network; refuses what the runtime cannot run."""
        ...


@dataclass(frozen=True)
class Runtime:
    """One row of `RUNTIMES`."""

    name: str
    module: str  # of `measure.runtimes`
    library: str  # that does the work
    extra: str  # of cosearch, which brings it
    suffixes: tuple[str, ...]  # of files it takes; a `Network` always is
    precisions: tuple[str, ...]
    devices: tuple[str, ...] = ("cpu",)

    @property
    def installed(self) -> bool:
        """Whether its library is there; nothing is imported."""
        return find_spec(self.library) is not None

    def backend(self) -> Backend:
        """The module; `CosearchError` says which extra is missing where it cannot be imported."""
        try:
            return cast(Backend, import_module(f"cosearch.measure.runtimes.{self.module}"))
        except ModuleNotFoundError as error:
            raise CosearchError(
                f"runtime {self.name} needs {error.name}: pip install 'cosearch[{self.extra}]'"
            ) from error

    def check(self, model: Model, settings: Settings) -> None:
        """Refuse what can be told from the outside."""
        self._offers("precision", settings.precision, self.precisions)
        self._offers("device", settings.device, self.devices)
        if isinstance(model, Network):
            return
        if model.suffix.lower() not in self.suffixes:
            takes = " and ".join(self.suffixes) or "no files, but networks by name"
            raise CosearchError(f"{model}: runtime {self.name} takes {takes}")
        if not model.is_file():
            raise CosearchError(f"{model}: no such file")

    def _offers(self, what: str, value: str, allowed: tuple[str, ...]) -> None:
        if value not in allowed:
            raise CosearchError(
                f"{what} {value}: runtime {self.name} has {' and '.join(allowed)} only"
            )
