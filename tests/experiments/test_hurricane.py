"""The experiment at a size of seconds: rows once each, gone on with, the page from them."""

from pathlib import Path

import pytest
from experiments.hurricane import table
from experiments.hurricane.__main__ import runs
from experiments.hurricane.page import write_page
from experiments.hurricane.plan import ARMS, Run, Size, plan

TINY = Size(
    "digits",
    pixels=None,
    images=64,
    test=64,
    width=0.1,
    supernet_epochs=3,
    epochs=1,
    trials=4,
    first=2,
    targets={"systolic": "tpu-v3"},
)


def row(target: str, arm: str, seed: int, **values: object) -> dict[str, object]:
    made = dict.fromkeys(table.FIELDS, "1")
    return {**made, "target": target, "arm": arm, "seed": seed, **values}


def test_a_seed_is_done_on_all_targets_before_the_next() -> None:
    order = list(plan(Size(), 2))
    assert [run.seed for run in order] == [0] * 9 + [1] * 9
    assert len({run.name for run in order}) == 18


def test_the_page_works_out_what_was_saved_and_lost(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    for seed, (one, two) in enumerate([(0.60, 0.58), (0.62, 0.63)]):
        table.append(path, row("systolic", "generated", seed, alone=one, iterations=1000))
        table.append(path, row("systolic", "two-stage", seed, alone=two, iterations=350))
    table.append(path, row("systolic", "generated", 2, alone=0.9, iterations=1000))  # no pair
    assert table.is_done(table.read(path), Run("systolic", "two-stage", 1))
    assert not table.is_done(table.read(path), Run("systolic", "two-stage", 2))
    write_page(tmp_path, tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text()
    assert "| systolic | 2 | 350 | 1,000 | 65% | 0.50 | no |" in page
    assert "| systolic | two-stage | 2 |" in page


@pytest.mark.slow
def test_all_arms_run_and_are_run_once(tmp_path: Path) -> None:
    for minutes in (0.0, 10.0):
        runs(TINY, 1, minutes, tmp_path, tmp_path / "build")
        rows = table.read(tmp_path / "runs.csv")
        assert len(rows) == (len(ARMS) if minutes else 0)
    assert [each["arm"] for each in rows] == list(ARMS)
    for each in rows:
        assert float(each["latency_us"]) <= float(each["limit_us"]) * (1 + 1e-4)
    assert int(rows[2]["iterations"]) < int(rows[1]["iterations"]) == int(rows[1]["one_stage"])
    runs(TINY, 1, 10.0, tmp_path, tmp_path / "build")
    assert table.read(tmp_path / "runs.csv") == rows
    write_page(tmp_path, tmp_path / "page.md")
    assert "`mb6_k7_se`" in (tmp_path / "page.md").read_text()
