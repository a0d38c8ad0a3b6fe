"""Rows on record: one per search."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, Final

from cosearch.files import write_atomically

FIGURES: Final = ("accuracy", "latency_s", "energy_j", "area_mm2")
FIELDS: Final = ("arm", "quantile", "limit_s", "trials", "seed", *FIGURES)

Row = dict[str, Any]


def read(path: Path) -> list[Row]:
    """The records, numbers as numbers."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [{k: v if k == "arm" else float(v) for k, v in row.items()} for row in rows]


def write(rows: list[Row], path: Path) -> None:
    """All of them, whole or not at all."""

    def fill(target: Path) -> None:
        with target.open("w", newline="") as file:
            writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, fill)
