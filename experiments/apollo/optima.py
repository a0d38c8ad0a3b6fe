"""The certified optimum of every workload under every area: `python -m experiments.apollo.optima`.

Needed once, before the tables; a quarter of a minute a workload.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from experiments.apollo.chips import FAMILY, Chips
from experiments.apollo.plan import TIGHT_MM2
from experiments.apollo.records import RESULTS, rows
from experiments.apollo.run import ALL, networks, rounded_us
from experiments.apollo.workloads import AREAS_MM2, WORKLOADS

_COLUMNS = ("workload", "area_mm2", "designs_within", "share", "optimum_us")


@dataclass(frozen=True)
class Optimum:
    """The least latency of all designs within an area that can run, and how many those are."""

    designs_within: int
    share: float
    optimum_us: float


Optima = dict[tuple[str, float], Optimum]  # by workload and area in mm2


def load(folder: Path = RESULTS) -> Optima:
    """What was written."""
    return {
        (row["workload"], float(row["area_mm2"])): Optimum(
            int(row["designs_within"]), float(row["share"]), float(row["optimum_us"])
        )
        for row in rows(folder / "optima.csv")
    }


def find(workload: str, areas_mm2: Iterable[float]) -> Optima:
    """By the exact sweep."""
    areas = tuple(areas_mm2)
    answers = Chips.of(*networks(workload)).answers(areas)
    return {
        (workload, area): Optimum(met, met / FAMILY.space.size, rounded_us(latency_s))
        for area, (latency_s, met) in zip(areas, answers, strict=True)
    }


def write(optima: Optima, folder: Path) -> None:
    """Sorted."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "optima.csv").open("w", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(_COLUMNS)
        for (workload, area), each in sorted(optima.items()):
            cells = (each.designs_within, f"{each.share:.6g}", f"{each.optimum_us:.7g}")
            out.writerow([workload, area, *cells])


def main() -> None:
    """All workloads, and all at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=RESULTS)
    folder = parser.parse_args().folder
    optima: Optima = {}
    for workload in [*WORKLOADS, ALL]:
        optima |= find(workload, (*AREAS_MM2, TIGHT_MM2))
        write(optima, folder)
        print(f"{workload}: {optima[workload, AREAS_MM2[0]]}", flush=True)


if __name__ == "__main__":
    main()
