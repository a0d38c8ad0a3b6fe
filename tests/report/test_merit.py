"""What was ranked by a score is shown by its name, and never as a percentage."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from cosearch.report import RunData
from cosearch.report.merit import Merit
from cosearch.report.page import render_page
from cosearch.report.pareto_data import pareto_data


def scored(sample: ModuleType, folder: Path, *, finished: bool) -> Path:
    """The sample run as a proxy would have ranked it."""
    rng = np.random.default_rng(0)
    for name in ("joint", "fixed"):
        rows = sample.records(rng, 60, 0.98)
        for row in rows:
            accuracy = row["metrics"].pop("accuracy")
            value = None if accuracy is None else 400 * accuracy - 300
            row["metrics"] = {"synflow": value, **row["metrics"]}
        (folder / name).mkdir(parents=True)
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / name / "records.jsonl").write_text(lines)
        manifest = {"problem": {"score": {"name": "synflow", "middle": 0.0, "spread": None}}}
        (folder / name / "manifest.json").write_text(json.dumps(manifest))
    if finished:
        (folder / "result.json").write_text(json.dumps(_result(sample)))
    return folder


def _result(sample: ModuleType) -> dict[str, Any]:
    result: dict[str, Any] = sample.result()
    for end, value in ((result, 91.234567), (result["fixed_accelerator"], 88.5)):
        del end["validation_accuracy"]
        end["score"] = {"name": "synflow", "value": value}
    return result


@pytest.mark.parametrize("finished", [True, False])
def test_a_page_calls_a_score_by_its_name(
    sample: ModuleType, tmp_path: Path, finished: bool
) -> None:
    run = RunData.load(scored(sample, tmp_path / "run", finished=finished))
    assert run.merit == Merit("synflow")
    page = render_page(run)
    assert "Synflow against latency" in page
    assert "best feasible synflow so far" in page
    assert "synflow in the search" in page
    assert "validation accuracy" not in page
    assert "Best synflow of a design within all limits" in page
    if finished:
        for words in ("91.235", "88.5", "+2.735"):
            assert words in page
        assert "2.73 points" not in page


def test_scores_are_all_in_sight(sample: ModuleType, tmp_path: Path) -> None:
    run = RunData.load(scored(sample, tmp_path / "run", finished=True))
    data = pareto_data(run)
    front = np.concatenate([roles["front"].accuracy for roles in data["points"].values()])
    low, high = data["accuracy_range"]
    assert 10 < low < front.min()
    assert front.max() < high
    assert data["picked"]["joint"] == pytest.approx((8.4e-6, 91.234567))


def test_an_accuracy_is_a_percentage() -> None:
    merit = Merit()
    assert merit.show(0.912) == "91.2%"
    assert merit.change(0.912, 0.92) == "−0.80 points"
    assert Merit("zen").show(0.912) == "0.912"
    assert Merit("zen").change(-3.0, 1.5) == "−4.5"
