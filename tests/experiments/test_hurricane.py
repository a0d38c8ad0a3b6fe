"""The experiment at a size of seconds: rows once each, gone on with, the page from them."""

from pathlib import Path

import pytest
from experiments.hurricane.__main__ import records_in, runs
from experiments.hurricane.page import write_page
from experiments.hurricane.plan import ARMS, NEAR, Run, Size, plan

TINY = Size(
    "digits",
    pixels=None,
    images=64,
    test=64,
    width=0.1,
    epochs=1,
    networks=2,
    targets={"systolic": "tpu-v3"},
)


def test_one_of_every_space_is_run_before_the_next() -> None:
    order = list(plan(Size()))
    assert [run.network for run in order[:12]] == [0] * 6 + [1] * 6
    assert len({run.name for run in order}) == len(order) == 30


def test_the_page_compares_the_means(tmp_path: Path) -> None:
    records = records_in(tmp_path)
    for arm, accuracies in (("hand-made", (0.60, 0.62)), ("generated", (0.60, 0.63))):
        for place, accuracy in enumerate(accuracies):
            made = dict.fromkeys(records.figures, "1e6") | {"accuracy": accuracy, "alpha": 0.3}
            records.append({"target": "systolic", "arm": arm, "network": place, **made})
    assert records.has(vars(Run("systolic", "generated", 1)))
    assert not records.has(vars(Run("systolic", "generated", 2)))
    write_page(records.read(), tmp_path, tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text()
    assert "| systolic | generated | 2 | 0.3 | 1e+06 | 1.00 | 1,000,000 |" in page
    assert "| 61.50% | 63.00% |" in page
    assert "| +0.5 (-2.0 to +3.0) |" in page
    assert "more accurate than the hand-made one's on 0 of 1 targets" in page


@pytest.mark.slow
def test_networks_of_both_spaces_use_the_limit_and_are_run_once(tmp_path: Path) -> None:
    records = records_in(tmp_path)
    for minutes in (0.0, 10.0):
        runs(TINY, minutes, tmp_path, tmp_path / "build")
        assert len(records.read()) == (2 * len(ARMS) if minutes else 0)
    rows = records.read()
    assert [row["arm"] for row in rows] == 2 * list(ARMS)
    for row in rows:
        share = float(row["latency_us"]) / float(row["limit_us"])
        assert 0 <= int(row["separable"]) <= (20 if row["arm"] == "generated" else 0)
        assert 0.97 * NEAR <= share <= 1 + 1e-4  # what blocks add up to is not quite what they take
    assert len({row["limit_us"] for row in rows}) == 1
    assert len({row["macs"] for row in rows}) > 2
    runs(TINY, 10.0, tmp_path, tmp_path / "build")
    assert records.read() == rows
    write_page(rows, tmp_path, tmp_path / "page.md")
    assert "`mb6_k7_se`" in (tmp_path / "page.md").read_text()
