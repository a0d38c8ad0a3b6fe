"""Technology constants from a data file; a row without a source is refused."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

from cosearch.errors import CosearchError

_REQUIRED = ("name", "value", "unit", "node_nm", "source")


@cache
def technology() -> SimpleNamespace:
    """The shipped constants (22 nm) as attributes, SI units in their names."""
    data = json.loads(files("cosearch.hardware").joinpath("technology.json").read_text())
    return parse(data)


def parse(data: dict[str, Any]) -> SimpleNamespace:
    """Check rows and return values by name; `CosearchError` names a row that lacks something."""
    for row in data["constants"]:
        missing = [key for key in _REQUIRED if not row.get(key) and row.get(key) != 0]
        if missing:
            raise CosearchError(f"constant {row.get('name', row)!r} lacks {', '.join(missing)}")
    values = {row["name"]: row["value"] for row in data["constants"]}
    return SimpleNamespace(node_nm=data["node_nm"], **values)
