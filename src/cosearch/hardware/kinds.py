"""The kinds of device, and the shipped devices with their sources, by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from cosearch.errors import CosearchError, unknown
from cosearch.hardware.chip_file import ChipFile
from cosearch.hardware.device_file import DeviceFile, parse_as, read_object
from cosearch.hardware.dpu import DpuFile
from cosearch.hardware.roofline_file import RooflineFile
from cosearch.hardware.row_stationary import RowStationaryFile
from cosearch.hardware.systolic import SystolicFile

# One class per kind: its fields, its limits, its columns.
KINDS: Final[dict[str, type[DeviceFile]]] = {
    "edge": ChipFile,
    "roofline": RooflineFile,
    "row-stationary": RowStationaryFile,
    "systolic": SystolicFile,
    "dpu": DpuFile,
}


def parse_device(data: Mapping[str, Any], where: str) -> DeviceFile:
    """Check a description of any kind; one that names no kind is an edge accelerator."""
    kind = data.get("kind", "edge")
    if not isinstance(kind, str) or kind not in KINDS:
        raise unknown(f"kind of device {where}", str(kind), KINDS)
    return parse_as(KINDS[kind], data, where)


@cache
def devices() -> dict[str, DeviceFile]:
    """Shipped devices of all kinds by name."""
    folder = files("cosearch.hardware").joinpath("devices")
    rows = [
        {"kind": kind, **row}
        for kind in KINDS
        for row in json.loads(folder.joinpath(f"{kind}.json").read_text())
    ]
    return {row["name"]: parse_device(row, row["name"]) for row in rows}


def find_device_file(name: str) -> DeviceFile:
    """A shipped device by name, or a file by path (anything with a slash or ending in .json)."""
    if "/" in name or name.endswith(".json"):
        return parse_device(read_object(Path(name)), name)
    if name not in devices():
        raise unknown("device", name, [*devices(), "FILE.json"])
    return devices()[name]


def find_chip(name: str) -> ChipFile:
    """As `find_device_file`, where only an edge accelerator will do."""
    found = find_device_file(name)
    if not isinstance(found, ChipFile):
        raise CosearchError(f"device {name}: kind {found.kind}; an edge accelerator is needed here")
    return found
