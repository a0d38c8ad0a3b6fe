"""Named chips, shipped as data with their sources."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

from cosearch.errors import unknown
from cosearch.hardware.chip_file import ChipFile, parse_chip, read_chip


@cache
def chips() -> dict[str, ChipFile]:
    """Shipped chips by name."""
    rows = json.loads(files("cosearch.hardware").joinpath("chips.json").read_text())
    return {row["name"]: parse_chip(row, row["name"]) for row in rows}


def find_chip(name: str) -> ChipFile:
    """A shipped chip by name, or a chip file by path (anything with a slash or ending in .json)."""
    if "/" in name or name.endswith(".json"):
        return read_chip(Path(name))
    if name not in chips():
        raise unknown("device", name, [*chips(), "FILE.json"])
    return chips()[name]
