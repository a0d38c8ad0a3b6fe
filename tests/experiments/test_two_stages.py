"""Two stages against one at a size of seconds, and the page by hand."""

from pathlib import Path

import pytest
from experiments.two_stages.__main__ import records_in, run_all
from experiments.two_stages.page import write_page
from experiments.two_stages.plan import ARMS, ONE, SHORT, TARGETS, TWO, Size, plan

from cosearch.deep.data import load
from cosearch.progress import silent

TINY = Size(epochs=4, trials=6, first=3, width=0.1)


def test_a_seed_is_done_on_all_targets_before_the_next() -> None:
    order = list(plan(2))
    assert [run.seed for run in order] == [0] * 9 + [1] * 9
    assert len({run.name for run in order}) == 18


def test_the_page_works_out_what_was_saved_and_lost(tmp_path: Path) -> None:
    records = records_in(tmp_path)
    found = {ONE: (0.910, 0.912), TWO: (0.907, 0.913), SHORT: (0.880, 0.900)}
    for arm, accuracies in found.items():
        for seed, accuracy in enumerate(accuracies):
            made = dict.fromkeys(records.figures, "0.9") | {"accuracy": accuracy}
            made["iterations"] = 1000 if arm == ONE else 350
            records.append({"target": TARGETS[0], "arm": arm, "seed": seed, **made})
    write_page(records.read(), Size(), tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text()
    assert f"| {TARGETS[0]} | {TWO} | 2 | 350 | 91.00% | 90.70% | 91.30% |" in page
    assert f"| all | {TWO} | 2 | 65% | 0.10 | -0.10 to 0.30 |" in page
    assert f"| all | {SHORT} | 2 | 65% | 2.10 |" in page
    assert "the aim is met" in page


@pytest.mark.slow
def test_all_arms_find_networks_within_the_limit(
    tmp_path: Path, reference_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COSEARCH_DATA", str(reference_data))
    records = records_in(tmp_path)
    runs = [run for run in plan(1) if run.target == TARGETS[0]]
    for _ in range(2):  # the second time nothing is left to run
        run_all(TINY, load("digits").trained_on(256), runs, records, tmp_path / "build", silent)
        rows = records.read()
        assert [row["arm"] for row in rows] == list(ARMS)
    for row in rows:
        assert float(row["latency_us"]) <= float(row["limit_us"]) * (1 + 1e-4)
        assert float(row["accuracy"]) <= float(row["best"])
    assert len({row["scored"] for row in rows}) == 1
    one, two, short = (int(row["iterations"]) for row in rows)
    assert two == short < one
