"""What each target likes, as a table."""

from __future__ import annotations

import csv
from pathlib import Path

from experiments.hurricane.setting import Setting


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
