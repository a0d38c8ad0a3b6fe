"""Our own measurements as columns."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final, Self

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from experiments.flops.operators_svg import Point

NETWORKS: Final = "networks"
_ALIKE: Final = 0.05  # relative difference of MACs
QUIET: Final = 0.25  # relative noise; what is noisier in either precision is left out


@dataclass(frozen=True)
class Own:
    """Rows of `measured.csv`."""

    rows: list[dict[str, str]]
    networks: str = NETWORKS

    @classmethod
    def read(cls, path: Path) -> Self:
        """From the file, less what was too noisy."""
        with path.open() as file:
            rows = list(csv.DictReader(file))
        noisy = {(row["group"], row["name"]) for row in rows if float(row["noise"]) > QUIET}
        return cls([row for row in rows if (row["group"], row["name"]) not in noisy])

    @property
    def layers(self) -> list[str]:
        """Groups of operators."""
        return [
            group for group in dict.fromkeys(r["group"] for r in self.rows) if group != NETWORKS
        ]

    @property
    def precisions(self) -> list[str]:
        """In the order of the file."""
        return list(dict.fromkeys(row["precision"] for row in self.rows))

    def columns(
        self, group: str, precision: str
    ) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
        """MACs and microseconds, in one order whatever the precision."""
        rows = self._of(group, precision)
        macs = np.array([float(row["macs"]) for row in rows])
        return macs, np.array([float(row["latency_us"]) for row in rows])

    def points(self, group: str, precision: str) -> list[Point]:
        """For the figure."""
        return [
            Point(row["name"], float(row["macs"]), float(row["latency_us"]))
            for row in self._of(group, precision)
        ]

    def like_macs(self, group: str, precision: str) -> tuple[str, str, float]:
        """Slow, fast and the ratio of times of the two most unlike operators of like MACs."""
        pairs = []
        for a, b in combinations(self.points(group, precision), 2):
            slow, fast = sorted((a, b), key=lambda point: -point.time_us)
            if abs(slow.macs / fast.macs - 1) <= _ALIKE:
                pairs.append((slow.name, fast.name, slow.time_us / fast.time_us))
        return max(pairs, key=lambda pair: pair[2])

    def conditions(self) -> str:
        """How sure the figures are."""
        noise = np.array([float(row["noise"]) for row in self.rows])
        return (
            f"The machine was shared: half of a 95 % interval is {np.median(noise):.0%} of its "
            f"figure in the middle; where it was above {QUIET:.0%} in either precision, the figure "
            "is in the csv but not used here."
        )

    def _of(self, group: str, precision: str) -> list[dict[str, str]]:
        rows = [r for r in self.rows if (r["group"], r["precision"]) == (group, precision)]
        return sorted(rows, key=lambda row: row["name"])
