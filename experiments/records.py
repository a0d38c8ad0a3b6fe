"""Rows on record: appended as runs end, so that a killed experiment goes on."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Records:
    """A table of runs: `keys` tell one from another, `figures` are what came of it."""

    path: Path
    keys: tuple[str, ...]
    figures: tuple[str, ...]

    def read(self) -> list[dict[str, str]]:
        """All rows; none where there is no file."""
        if not self.path.exists():
            return []
        with self.path.open(newline="", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))

    def has(self, run: Mapping[str, Any]) -> bool:
        """Whether a run is on record."""
        wanted = [str(run[key]) for key in self.keys]
        return any([row[key] for key in self.keys] == wanted for row in self.read())

    def append(self, row: Mapping[str, Any]) -> None:
        """One more."""
        new = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", newline="", encoding="utf-8") as stream:
            out = csv.DictWriter(stream, (*self.keys, *self.figures), lineterminator="\n")
            if new:
                out.writeheader()
            out.writerow(row)
