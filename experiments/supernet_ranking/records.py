"""Rows of a csv file, one per accuracy: what is there is not computed again."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from cosearch.files import write_atomically

ALONE = "alone"
TABLE = "table"


@dataclass(frozen=True)
class Row:
    """A network's accuracy, and by which weights: its own, a table's, or a recipe's."""

    space: str
    weights: str
    recalibrated: int  # 0 or 1
    genome: str  # choices, such as "0-2-1"
    accuracy: float
    seconds: float  # of work, on one core

    @property
    def key(self) -> tuple[str, str, int, str]:
        """What a row is about."""
        return self.space, self.weights, self.recalibrated, self.genome


def read(path: Path) -> dict[tuple[str, str, int, str], Row]:
    """By key; nothing where there is no file."""
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        rows = [
            Row(
                line["space"],
                line["weights"],
                int(line["recalibrated"]),
                line["genome"],
                float(line["accuracy"]),
                float(line["seconds"]),
            )
            for line in csv.DictReader(file)
        ]
    return {row.key: row for row in rows}


def add(path: Path, rows: Iterable[Row]) -> None:
    """Write the file anew with these rows too."""
    held = read(path) | {row.key: row for row in rows}

    def write(temporary: Path) -> None:
        with temporary.open("w", newline="") as file:
            out = csv.DictWriter(file, [f.name for f in fields(Row)], lineterminator="\n")
            out.writeheader()
            for row in held.values():
                out.writerow(
                    asdict(row)
                    | {"accuracy": f"{row.accuracy:.5f}", "seconds": f"{row.seconds:.1f}"}
                )

    write_atomically(path, write)
