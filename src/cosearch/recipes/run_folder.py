"""A run's folder: its manifest, and the steps already done."""

from __future__ import annotations

import fcntl
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from cosearch.errors import CosearchError
from cosearch.files import read_json, write_json
from cosearch.recipes import find_recipe
from cosearch.recipes.settings import Settings

MANIFEST = "manifest.json"

S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class RunFolder(Generic[S]):
    """Everything a run writes. Each finished step is a file; a resumed run skips what is there."""

    path: Path
    recipe: str
    settings: S

    @classmethod
    def start(cls, path: Path, recipe: str, settings: S) -> Self:
        """A run to be made in a new or empty folder; refuses one that holds anything."""
        if path.exists() and not path.is_dir():
            raise CosearchError(f"output {path}: is a file; a new or empty folder is needed")
        if (path / MANIFEST).exists():
            raise CosearchError(
                f"output {path}: holds another run; continue it with `cosearch resume {path}` "
                "or name a new folder with --out"
            )
        if path.exists() and any(path.iterdir()):
            raise CosearchError(f"output {path}: is not empty; a new or empty folder is needed")
        return cls(path, recipe, settings)

    @property
    def claimed(self) -> bool:
        """Whether the manifest is there, and with it something to resume."""
        return (self.path / MANIFEST).exists()

    def origin(self, *packages: str) -> dict[str, Any]:
        """What a result says first; the number of workers, which changes nothing, is left out."""
        return {
            "recipe": self.recipe,
            "seed": self.settings.seed,
            "versions": {
                "python": platform.python_version(),
                **{package: version(package) for package in ("cosearch", *packages)},
            },
            "settings": {k: v for k, v in self.settings.to_dict().items() if k != "workers"},
        }

    def claim(self) -> None:
        """Write the manifest, from which the run can be resumed, unless it is there."""
        if self.claimed:
            return
        manifest = {
            "recipe": self.recipe,
            "settings": self.settings.to_dict(),
            "cosearch": version("cosearch"),
            "python": platform.python_version(),
        }
        write_json(self.path / MANIFEST, manifest)

    @classmethod
    def open(cls, path: Path) -> RunFolder[Any]:
        """The run a folder holds; refuses one made by another version."""
        if not (path / MANIFEST).exists():
            raise CosearchError(f"{path}: holds no run (no {MANIFEST})")
        data = read_json(path / MANIFEST)
        try:
            made_by, recipe, settings = data["cosearch"], data["recipe"], data["settings"]
        except (KeyError, TypeError) as error:
            raise CosearchError(f"{path / MANIFEST}: malformed: {error!r}") from error
        if made_by != version("cosearch"):
            raise CosearchError(
                f"{path}: made by cosearch {made_by}, this is {version('cosearch')}; "
                "resume with that version"
            )
        return RunFolder(path, recipe, find_recipe(recipe).settings.from_dict(settings))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep a second process out; the lock goes with the process, however it ends."""
        with (self.path / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CosearchError(
                    f"{self.path}: another process is working on this run"
                ) from None
            yield

    def step(self, name: str, work: Callable[[], Any]) -> Any:
        """The JSON result of a step: read if it is there, worked out and stored if not."""
        path = self.path / "steps" / f"{name}.json"
        if path.exists():
            return read_json(path)["result"]
        start = time.perf_counter()
        result = work()
        write_json(path, {"result": result, "seconds": round(time.perf_counter() - start, 3)})
        return result

    def timings(self) -> dict[str, float]:
        """Seconds of each step; of a resumed one, since it was resumed."""
        paths = sorted((self.path / "steps").glob("*.json"))
        return {path.stem: read_json(path)["seconds"] for path in paths}
