"""A device elsewhere, as a place to measure."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from cosearch.errors import CosearchError
from cosearch.measure.reference import reference_network
from cosearch.measure.remote.command import run_command
from cosearch.measure.remote.result import RemoteResult
from cosearch.measure.remote.template import RemoteFile
from cosearch.measure.runtime import Model
from cosearch.measure.settings import Settings
from cosearch.measure.target import Clock, Take, Taken
from cosearch.networks import Network

HARNESS: Final = "cosearch_harness.py"
SETTINGS: Final = "cosearch_settings.json"
RESULT: Final = "cosearch_result.json"
_SCRIPT: Final = Path(__file__).with_name("harness.py")


class RemoteTarget:
    """Reached by the commands of its file. Its clock is its own."""

    def __init__(self, file: RemoteFile) -> None:
        self.file = file
        self._last: RemoteResult | None = None

    @property
    def name(self) -> str:
        """The device's."""
        return self.file.name

    def check(self, model: Model, settings: Settings) -> None:
        """That a file has the device's format."""
        suffix = f".{self.file.format}"
        if isinstance(model, Network):
            return
        if model.suffix.lower() != suffix:
            raise CosearchError(f"{model}: device {self.name} takes {suffix}")
        if not model.is_file():
            raise CosearchError(f"{model}: no such file")

    @contextmanager
    def open(self, model: Model, settings: Settings, clock: Clock) -> Iterator[Take]:
        """Push everything there; a take runs once and pulls its rounds."""
        with tempfile.TemporaryDirectory() as folder:
            here = Path(folder)
            suffix = self.file.format
            names = {
                "model": f"cosearch_model.{suffix}",
                "reference": f"cosearch_reference.{suffix}",
                "settings": SETTINGS,
                "harness": HARNESS,
            }
            write_model(model, settings, here / names["model"])
            write_model(reference_network(), Settings(), here / names["reference"])
            (here / SETTINGS).write_text(json.dumps(settings.to_dict()))
            shutil.copyfile(_SCRIPT, here / HARNESS)
            for name in names.values():
                self._run(self.file.push, {"file": str(here / name), "name": name})
            yield lambda: self._take(here / RESULT, {**names, "result": RESULT})

    def _take(self, result: Path, names: dict[str, str]) -> Taken:
        result.unlink(missing_ok=True)
        self._run(self.file.run, names)
        self._run(self.file.pull, {"file": str(result), "name": RESULT})
        if not result.is_file():
            raise CosearchError(f"device {self.name}: no result came back")
        self._last = RemoteResult.read(result, self.name)
        return Taken(
            [np.array(samples) for samples in self._last.rounds_s],
            [np.array(samples) for samples in self._last.reference_rounds_s],
        )

    def describe(self) -> tuple[Mapping[str, str], Mapping[str, Any]]:
        """As the device said last."""
        assert self._last is not None
        return self._last.versions, {"name": self.name, **self._last.device}

    def _run(self, command: list[str], places: dict[str, str]) -> None:
        run_command(self.name, command, places, self.file.timeout_s)


def remote_target(path: Path) -> RemoteTarget:
    """The device of a file."""
    return RemoteTarget(RemoteFile.read(path))


def write_model(model: Model, settings: Settings, path: Path) -> None:
    """The file that goes there, in the format its name says."""
    if path.suffix == ".tflite":
        from cosearch.measure.tflite_files import tflite_content

        path.write_bytes(tflite_content(model, settings))
        return
    from cosearch.measure.onnx_files import onnx_file

    with onnx_file(model, settings) as made:
        shutil.copyfile(made, path)
