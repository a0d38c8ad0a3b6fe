"""The script for devices never seen: forms, who may know whom, and the targets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from validation.few_shot_data import device_of, tables

from cosearch.errors import CosearchError
from validation import few_shot


@pytest.mark.parametrize(
    ("setting", "device"),
    [
        ("1080ti_256", "1080ti"),
        ("titan_rtx_1", "titan_rtx"),
        ("silver_4114", "silver_4114"),  # no power of two: a model number
        ("silver_4210r", "silver_4210r"),
        ("pixel3", "pixel3"),
        ("32", "32"),
    ],
)
def test_batches_of_one_device(setting: str, device: str) -> None:
    assert device_of(setting) == device


@pytest.fixture
def fbnet(tmp_path: Path) -> Path:
    """150 networks on devices whose blocks cost by two common factors."""
    rng = np.random.default_rng(0)
    blocks = rng.integers(0, 9, (150, 22))
    factors = rng.uniform(0.1, 1, (2, 22, 9))
    columns = {}
    for name in ("a_1", "a_32", "b", "new"):
        cost = np.tensordot(rng.uniform(0.2, 1, 2), factors, 1)
        columns[name] = cost[np.arange(22), blocks].sum(1)
    rows = [
        ",".join(["-".join(map(str, row)), *(f"{columns[name][i]:.5f}" for name in columns)])
        for i, row in enumerate(blocks)
    ]
    path = tmp_path / "latency_ms.csv"
    path.write_text("\n".join([",".join(["arch", *columns]), *rows]) + "\n")
    return path


def test_any_columns_do(fbnet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few_shot, "REPEATS", 2)
    figures = few_shot.validate(fbnet)
    assert figures["FBNet, device left out: settings"] == 4
    assert figures["FBNet, device left out, all: Spearman"] > 0.9
    named = [
        figures[f"FBNet, setting left out, {n}: Spearman"] for n in ("a_1", "a_32", "b", "new")
    ]
    assert figures["FBNet, setting left out, all: Spearman"] == pytest.approx(np.mean(named))


def test_nobody_knows_the_held_back(fbnet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor, device by device, another batch of theirs."""
    asked = {}

    def remember(table: object, new: str, allowed: list[str]) -> few_shot.Row:
        asked.setdefault(new, []).append(allowed)
        return dict.fromkeys(
            (
                "Spearman",
                "middle",
                "least",
                "random",
                "zero-shot",
                "MACs",
                "error",
                "within 2 spreads",
            ),
            0.0,
        )

    monkeypatch.setattr(few_shot, "_predict", remember)
    few_shot.validate(fbnet, held=["new", "a_1"])
    assert asked == {"new": [["a_32", "b"]], "a_1": [["a_32", "b"], ["b"]]}
    asked.clear()
    few_shot.validate(fbnet, held=["new"], known=["b", "new"])
    assert asked == {"new": [["b"]]}
    asked.clear()
    few_shot.validate(fbnet)
    assert asked["a_1"] == [["a_32", "b", "new"], ["b", "new"]]


def test_unknown_names_and_places(fbnet: Path, tmp_path: Path) -> None:
    with pytest.raises(CosearchError, match="unknown device of FBNet 'tpu': allowed are a_1"):
        few_shot.validate(fbnet, held=["tpu"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(CosearchError, match="no table"):
        tables(tmp_path / "empty")


@pytest.mark.slow
def test_the_targets(reference_data: Path) -> None:
    figures = few_shot.validate(reference_data)
    assert figures["NAS-Bench-201, device left out, reported: Spearman"] >= 0.95
    assert figures["FBNet, device left out, reported: Spearman"] >= 0.94
