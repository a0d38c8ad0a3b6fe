"""Reading run folders: finished, unfinished, damaged."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from cosearch.errors import CosearchError
from cosearch.report import RunData, Trials

LINE = (
    '{"trial": %d, "genome": [], "metrics": {"accuracy": 0.5, "latency_s": 1e-5}, "violation": 0}\n'
)


def records(folder: Path, text: str) -> Path:
    (folder / "joint").mkdir(parents=True, exist_ok=True)
    (folder / "joint" / "records.jsonl").write_text(text)
    return folder


def test_nulls_are_nan_and_an_infinite_violation() -> None:
    metrics = {"accuracy": None, "latency_s": None, "energy_j": None, "area_mm2": 3.0}
    trials = Trials.of([{"trial": 0, "metrics": metrics, "violation": None}])
    assert np.isnan(trials.accuracy[0])
    assert trials.area_mm2[0] == 3.0
    assert trials.violation[0] == np.inf
    assert not trials.feasible[0]


def test_trials_come_in_order_of_their_number(tmp_path: Path) -> None:
    run = RunData.load(records(tmp_path, LINE % 2 + LINE % 0 + LINE % 1))
    assert run.studies["joint"].trial.tolist() == [0, 1, 2]


def test_finished_run(tmp_path: Path, sample: ModuleType) -> None:
    run = RunData.load(sample.write(tmp_path))
    assert run.finished
    assert {name: len(trials) for name, trials in run.studies.items()} == {
        "joint": 1000,
        "fixed": 1000,
    }


def test_last_line_cut_short_anywhere(tmp_path: Path) -> None:
    whole = LINE % 0 + LINE % 1
    for length in range(len(LINE % 0), len(whole) - 1):
        run = RunData.load(records(tmp_path, whole[:length]))
        assert not run.finished
        assert len(run.studies["joint"]) == (2 if length == len(whole) - 1 else 1)


def test_damage_before_the_last_line_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CosearchError, match=r"records\.jsonl:1: not a trial record"):
        RunData.load(records(tmp_path, '{"trial": 0, "met\n' + LINE % 1))


@pytest.mark.parametrize("text", ["", "\n", '{"trial'])
def test_nothing_to_show(tmp_path: Path, text: str) -> None:
    with pytest.raises(CosearchError, match="nothing to show") as caught:
        RunData.load(records(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(CosearchError, match="there is no such folder"):
        RunData.load(tmp_path / "none")


@pytest.mark.parametrize(("text", "message"), [("{", "not valid JSON"), ("[1]", "found list")])
def test_bad_result(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "result.json").write_text(text)
    with pytest.raises(CosearchError, match=message):
        RunData.load(tmp_path)


def test_result_without_records(tmp_path: Path, sample: ModuleType) -> None:
    (tmp_path / "result.json").write_text(json.dumps(sample.result()))
    run = RunData.load(tmp_path)
    assert run.finished
    assert run.studies == {}
