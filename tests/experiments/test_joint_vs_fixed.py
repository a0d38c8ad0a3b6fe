"""The page about joint against fixed says what the records do."""

from __future__ import annotations

from pathlib import Path

from experiments.joint_vs_fixed.page import write_page
from experiments.joint_vs_fixed.run import read, write


def row(arm: str, limit: float, seed: int, accuracy: float, latency: float) -> dict[str, object]:
    figures = {"accuracy": accuracy, "latency_s": latency, "energy_j": 1e-5, "area_mm2": 39.0}
    return {"arm": arm, "quantile": 0.1, "limit_s": limit, "trials": 100, "seed": seed, **figures}


def test_medians_and_what_is_gained(tmp_path: Path) -> None:
    rows = [
        row("fixed", 2e-6, seed, accuracy, 2e-6) for seed, accuracy in enumerate((0.90, 0.91, 0.92))
    ]
    rows += [
        row("joint", 2e-6, seed, accuracy, 1.5e-6)
        for seed, accuracy in enumerate((0.92, 0.91, 0.93))
    ]
    write(rows, tmp_path / "records.csv")
    write_page(read(tmp_path / "records.csv"), tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text()
    assert "| 2 | 91.00%, 2, 10 | 92.00%, 1.5, 10 |  | +1.00 |" in page
    assert "| 91.00%, 2, 10 | -25% | +0% |" in page
