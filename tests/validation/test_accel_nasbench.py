"""The validation against Accel-NASBench, on few rows of the form of its file."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from validation.accel_nasbench_settings import SETTINGS, DpuSetting

from cosearch.benchmarks.accel_nasbench import CHOICES
from cosearch.cost.dpu.model import DpuModel
from cosearch.errors import CosearchError
from cosearch.families.accel_nasbench import accel_nasbench_family, genomes_of
from validation import accel_nasbench as script

NAMES = ("id", *CHOICES, "val_top1", "val_top5", "train_time", "macs", "params")


def write(path: Path, count: int, seed: int) -> Path:
    """Networks at random on the A100 of our model and on a machine twice as slow, with noise."""
    rng = np.random.default_rng(seed)
    options = [(1, 4, 6), (3, 5), (1, 2, 3), (0, 1)] * 7
    choices = np.stack([rng.choice(option, count) for option in options], axis=1)
    seconds = SETTINGS["a100"].times(choices).total_s * np.exp(0.01 * rng.standard_normal(count))
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*NAMES, "throughput_a100", "throughput_new-board"])
        for i, each in enumerate(choices):
            cells = [bool(c) if j % 4 == 3 else c for j, c in enumerate(each)]
            rows.writerow([i, *cells, 60, 80, 1, 300 + i, 3, 1 / seconds[i], 0.5 / seconds[i]])
    return path


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "SEEDS", 1)
    monkeypatch.setattr(script, "POOL", 40)


def test_apart_rows_are_all_reported(tmp_path: Path) -> None:
    figures = script.validate(write(tmp_path / "a.csv", 40, 0), write(tmp_path / "b.csv", 60, 1))
    assert figures["rows reported"] == figures["rows reported, zero-shot"] == 40
    assert figures["a100: zero-shot, Spearman"] > 0.99
    assert figures["a100: zero-shot, measured over modelled"] == pytest.approx(1, abs=0.02)
    assert figures["a100: 20 samples, MAPE %"] < 2
    assert figures["new-board: 20 samples, MAPE %"] < 15
    assert "new-board: zero-shot, Spearman" not in figures  # of which nothing is known


def test_development_rows_are_never_reported() -> None:
    train, unseen, report = script.split(4089)
    first = np.random.default_rng(0).choice(4089, 500, replace=False)
    assert len(unseen) == 3089
    assert not np.isin(first, unseen).any()
    assert np.isin(report, unseen).all()
    assert not np.isin(train, report).any()
    assert len(train) + len(report) == 4089
    with pytest.raises(CosearchError, match="79 rows"):
        script.split(79)


def test_threads_are_dealt_out_to_cores() -> None:
    """Five on three cores: two have two each; the third is done when half of the time is over."""
    choices = np.array([[1, 3, 1, 0] * 7, [6, 5, 2, 1] * 7])
    family = accel_nasbench_family()
    layers = family.decode(genomes_of(family.space, choices))
    chip = DpuSetting("zcu102-dpu", 5).chip()
    busy = {
        cores: DpuModel()(layers, replace(chip, cores=np.array(cores))[None]).sum().latency_s
        for cores in (1, 2, 3)
    }
    expected = {
        1: busy[1],
        3: busy[3] / 3,
        4: (busy[3] + busy[1]) / 4,
        5: (busy[3] + busy[2]) / 5,
        6: busy[3] / 3,
    }
    for threads, seconds in expected.items():
        found = DpuSetting("zcu102-dpu", threads).times(choices).total_s
        np.testing.assert_allclose(found, seconds)


def test_what_was_inferred_can_be_left_out() -> None:
    with_all, without = (
        DpuSetting("zcu102-dpu", 5, inferred=some).chip() for some in (True, False)
    )
    changed = {name for name, c in with_all.items() if (c != getattr(without, name)).any()}
    assert changed == {"requests_per_s", "groups_per_s", "large_pool_cycles"}


def test_noise_is_of_networks_measured_twice() -> None:
    choices = np.array([[1] * 28, [6] * 28, [1] * 28])
    seconds = {"x": np.array([1.0, 5.0, np.exp(0.02)])}
    none = np.arange(0)
    rows = script.Rows(choices, np.ones(3), seconds, none, none, none)
    (value,) = script.noise(rows, "x").values()
    assert value == pytest.approx(2 / np.sqrt(2))
