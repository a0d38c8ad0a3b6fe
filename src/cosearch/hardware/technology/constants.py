"""Rows of `tables/*.json`: value, unit, node, spread and source; one without is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

from cosearch.errors import CosearchError

FILES: Final = ("logic", "sram", "wires", "dram", "template")
NODES_NM: Final = (7.0, 65.0)
_REQUIRED: Final = ("name", "value", "unit", "node_nm", "spread", "source")

Spread = tuple[float, float]
Sourced = tuple[float, Spread]  # a number and its spread


@dataclass(frozen=True)
class Constant:
    """A figure with its unit, its source and how far other sources stray from it.

    Others may have it `spread[0]` times smaller or `spread[1]` times larger. Node 0 is any node.
    """

    name: str
    value: Any  # a number, or the coefficients of a fit
    unit: str
    node_nm: float
    spread: Spread
    source: str


def parse(data: Mapping[str, Any]) -> list[Constant]:
    """Check rows; `CosearchError` names one that lacks something."""
    return [_constant(row) for row in data["constants"]]


def _constant(row: Mapping[str, Any]) -> Constant:
    missing = [key for key in _REQUIRED if not row.get(key) and row.get(key) != 0]
    if missing:
        raise CosearchError(f"constant {row.get('name', row)!r} lacks {', '.join(missing)}")
    down, up = row["spread"]
    if min(down, up) < 1:
        raise CosearchError(f"constant {row['name']!r}: spread {[down, up]}, allowed: factors >= 1")
    values = {key: row[key] for key in _REQUIRED}
    return Constant(**{**values, "spread": (down, up)})


@cache
def constants() -> Mapping[str, tuple[Constant, ...]]:
    """All shipped rows by name, by node."""
    folder = files("cosearch.hardware.technology").joinpath("tables")
    rows = [row for name in FILES for row in parse(_read(folder.joinpath(f"{name}.json")))]
    names = dict.fromkeys(row.name for row in rows)
    return {
        name: tuple(sorted((row for row in rows if row.name == name), key=lambda row: row.node_nm))
        for name in names
    }


def _read(path: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text())
    return data


def check_node(node_nm: float) -> None:
    """Raise `CosearchError` for a node the tables do not reach."""
    least, most = NODES_NM
    if not least <= node_nm <= most:
        raise CosearchError(f"node {node_nm:g} nm: allowed are {least:g} to {most:g} nm")


def beside(
    rows: Sequence[Constant], node_nm: float, ruler: Callable[[float], float] = math.log
) -> list[tuple[float, Constant]]:
    """The row of this node, or its neighbours, with weights linear in `ruler(node)`, sum 1."""
    above = next((row for row in rows if row.node_nm >= node_nm), rows[-1])
    below = next((row for row in reversed(rows) if row.node_nm <= node_nm), rows[0])
    if above is below:
        return [(1.0, above)]
    least, here, most = (ruler(node) for node in (below.node_nm, node_nm, above.node_nm))
    share = (here - least) / (most - least)
    return [(1 - share, below), (share, above)]


def constant(name: str, node_nm: float = 0.0) -> Constant:
    """A number of no node, or at a node: between two rows a power law of the node."""
    near = beside(constants()[name], node_nm)
    if len(near) == 1:
        return near[0][1]
    value = math.exp(sum(share * math.log(row.value) for share, row in near))
    spread = (max(row.spread[0] for _, row in near), max(row.spread[1] for _, row in near))
    first = near[0][1]
    return replace(first, value=value, node_nm=node_nm, spread=spread)
