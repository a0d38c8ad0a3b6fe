"""The page about joint against fixed says what the records do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from experiments.joint_vs_fixed import one_shot
from experiments.joint_vs_fixed.page import write_page
from experiments.joint_vs_fixed.records import read, write

from cosearch.deep.data import load
from cosearch.progress import silent
from cosearch.recipes.nahas.one_shot import final


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
    write_page(read(tmp_path / "records.csv"), [], tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text()
    assert "| 2 | 91.00%, 2, 10 | 92.00%, 1.5, 10 |  | +1.00 |" in page
    assert "| 91.00%, 2, 10 | -25% | +0% |" in page


def test_the_one_shot_arms_keep_their_limits_and_are_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference_data: Path
) -> None:
    monkeypatch.setenv("COSEARCH_DATA", str(reference_data))
    data = load("cifar10", size=16).trained_on(128)
    data = replace(data, validation=data.validation.take(torch.arange(64)))
    monkeypatch.setattr(final, "MOST", 4)  # a policy that has learnt nothing asks for all
    size, limits = one_shot.Size(epochs=1, batch=16), {0.25: 4.01e-6}
    path = tmp_path / "one-shot.csv"
    one_shot.run_all(size, limits, data, 1, path, tmp_path, silent)
    rows = read(path)
    assert [row["arm"] for row in rows] == ["fixed", "joint"]
    for found in rows:
        assert 0.3 < found["accuracy"] < 1
        assert found["latency_s"] <= found["limit_s"]
        assert found["area_mm2"] <= rows[0]["area_mm2"]
        assert found["trials"] == 1  # of two steps, that in which the policy learnt
    monkeypatch.setattr(one_shot, "search", None)  # would fail if it were asked
    one_shot.run_all(size, limits, data, 1, path, tmp_path, silent)
    write_page([], rows, tmp_path / "page.md")
    assert "## One-shot" in (tmp_path / "page.md").read_text()
