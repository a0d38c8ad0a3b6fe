"""The rows on record: appended as runs end, so that a killed experiment goes on."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from experiments.hurricane.plan import Run
from experiments.hurricane.setting import Setting

FIELDS: Final = (
    "target",
    "arm",
    "seed",
    "limit_us",
    "latency_us",
    "alpha",
    "networks",
    "iterations",
    "one_stage",
    "shared",
    "alone",
    "macs",
    "seconds",
)


def read(path: Path) -> list[dict[str, str]]:
    """All rows; none where there is no file."""
    if not path.exists():
        return []
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def append(path: Path, row: Mapping[str, Any]) -> None:
    """One more."""
    new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", newline="") as stream:
        out = csv.DictWriter(stream, FIELDS, lineterminator="\n")
        if new:
            out.writeheader()
        out.writerow(row)


def is_done(rows: list[dict[str, str]], run: Run) -> bool:
    """Whether a run is on record."""
    wanted = (run.target, run.arm, str(run.seed))
    return any((row["target"], row["arm"], row["seed"]) == wanted for row in rows)


def write_scores(path: Path, setting: Setting) -> None:
    """Score of every operator and layer of a target, as a share of the layer's best."""
    costs, alpha = setting.costs, setting.generated.alpha
    scores = costs.scores(alpha)
    shares = scores / scores.max(axis=1, keepdims=True)
    with path.open("w", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(["operator", *costs.layers])
        for name, column in zip(costs.operators, shares.T, strict=True):
            out.writerow([name, *(f"{share:.3f}" for share in column)])
