"""The experiment at a size of seconds: rows once each, gone on with, the page from them."""

from pathlib import Path

import pytest
from experiments.hurricane.__main__ import records_in, runs
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


def test_a_seed_is_done_on_all_targets_before_the_next() -> None:
    order = list(plan(Size(), 2))
    assert [run.seed for run in order] == [0] * 6 + [1] * 6
    assert len({run.name for run in order}) == 12


def test_the_page_takes_the_mean_of_the_seeds(tmp_path: Path) -> None:
    records = records_in(tmp_path)
    for seed, alone in enumerate((0.60, 0.63)):
        made = dict.fromkeys(records.figures, "1") | {"alone": alone, "alpha": 0.3}
        records.append({"target": "systolic", "arm": "generated", "seed": seed, **made})
    assert records.has(vars(Run("systolic", "generated", 1)))
    assert not records.has(vars(Run("systolic", "generated", 2)))
    write_page(records.read(), tmp_path, tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text()
    assert "| systolic | generated | 2 | 0.3 | 1 | 1 | 61.50% |" in page


@pytest.mark.slow
def test_all_arms_run_and_are_run_once(tmp_path: Path) -> None:
    records = records_in(tmp_path)
    for minutes in (0.0, 10.0):
        runs(TINY, 1, minutes, tmp_path, tmp_path / "build")
        assert len(records.read()) == (len(ARMS) if minutes else 0)
    rows = records.read()
    assert [each["arm"] for each in rows] == list(ARMS)
    for each in rows:
        assert float(each["latency_us"]) <= float(each["limit_us"]) * (1 + 1e-4)
    runs(TINY, 1, 10.0, tmp_path, tmp_path / "build")
    assert records.read() == rows
    write_page(rows, tmp_path, tmp_path / "page.md")
    assert "`mb6_k7_se`" in (tmp_path / "page.md").read_text()
