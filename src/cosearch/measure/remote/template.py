"""The file of a remote device: with which commands it is reached. Checked by pydantic."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cosearch.files import read_json
from cosearch.measure.remote.checked import checked

FILE_PLACES: Final = ("file", "name")
RUN_PLACES: Final = ("model", "reference", "settings", "result", "harness")


def _places(allowed: tuple[str, ...], needed: str) -> AfterValidator:
    """Checks the {placeholders} of a command."""

    def check(command: list[str]) -> list[str]:
        found = {name for word in command for _, name, _, _ in string.Formatter().parse(word)}
        strange = {name for name in found if name is not None} - set(allowed)
        if strange:
            one = sorted(strange)[0]
            raise ValueError(f"unknown place {{{one}}}: allowed are {', '.join(allowed)}")
        if needed not in found:
            raise ValueError(f"{{{needed}}} must appear in it")
        return command

    return AfterValidator(check)


FileCommand = Annotated[list[str], Field(min_length=1), _places(FILE_PLACES, "file")]
RunCommand = Annotated[list[str], Field(min_length=1), _places(RUN_PLACES, "model")]


class RemoteFile(BaseModel):
    """Commands as lists of words; no shell of this machine sees them.

    `push` is run for every file that goes there, {file} its path here and {name} what it is called
    there. `run` measures: {model}, {reference}, {settings}, {result} and {harness} are such names.
    `pull` brings {name}, the result, to {file}.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1)
    source: str = ""
    format: Literal["onnx", "tflite"] = "onnx"
    push: FileCommand
    run: RunCommand
    pull: FileCommand
    timeout_s: float = Field(default=600, gt=0)

    @classmethod
    def read(cls, path: Path) -> Self:
        """`CosearchError` names the file, the field, and what is wrong with it."""
        return checked(cls, read_json(path), f"remote device {path}")
