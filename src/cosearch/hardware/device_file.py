"""Device files: JSON with people's units, checked by pydantic at this boundary only.

Each kind of device has its own fields and its own columns; `hardware.kinds` lists the kinds.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from cosearch.columns import Columns
from cosearch.errors import CosearchError

_LONG: Final = 60


class DeviceFile(BaseModel, ABC):
    """What every device file holds, whatever its kind. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=False)

    kind: str
    name: str = "device"
    source: str = ""

    @abstractmethod
    def columns(self) -> Columns:
        """The device as columns of shape (), SI units."""

    @property
    @abstractmethod
    def peak_ops_per_s(self) -> float:
        """Two operations per multiply-accumulate, at the precision it is set to."""


def parse_as(kind: type[DeviceFile], data: Mapping[str, Any], where: str) -> DeviceFile:
    """Check one description; `CosearchError` names the field, its value, what is allowed."""
    for name, field in kind.model_fields.items():
        if field.annotation in (int, float) and isinstance(data.get(name), bool | str):
            raise CosearchError(f"device {where}: {name} = {data[name]!r}: should be a number")
    try:
        return kind(**data)
    except (ValidationError, TypeError, ValueError) as error:
        raise CosearchError(f"device {where}: {_first_problem(error, kind)}") from error


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file."""
    try:
        data = json.loads(path.read_text())
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise CosearchError(f"device file {path}: cannot be read as JSON: {error}") from error
    if not isinstance(data, dict):
        raise CosearchError(f"device file {path}: expected an object, found {type(data).__name__}")
    return data


def _first_problem(error: Exception, kind: type[DeviceFile]) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    problem = error.errors()[0]
    field = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    if problem["type"] == "missing":
        return f"{field} is missing"
    if problem["type"] == "extra_forbidden":
        return f"unknown key {field!r}: allowed are {', '.join(kind.model_fields)}"
    return f"{field} = {_short(problem['input'])}: {message}" if field else message


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."
