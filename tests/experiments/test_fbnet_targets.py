"""The table of FBNet's targets: read as written, the page from it."""

from __future__ import annotations

from pathlib import Path

from experiments.fbnet_targets.page import write_page
from experiments.fbnet_targets.runs import SMOKE, TARGETS, Row, _write, read_rows, search_all


def table() -> list[Row]:
    return [
        Row(a, b, 0, 1e-6 * (1 + (a != b) * (i + j)), 2e-6, 0.9, 0.89, 10**6, 10**5, "digits")
        for i, a in enumerate(TARGETS)
        for j, b in enumerate(TARGETS)
    ]


def test_the_table_is_read_as_written_and_done_rows_are_not_done_again(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    _write(table(), path)
    assert read_rows(path) == table()
    assert search_all(SMOKE, tmp_path / "runs", path) == table()
    assert not (tmp_path / "runs").exists()


def test_the_page_says_what_a_foreign_network_costs(tmp_path: Path) -> None:
    write_page(table(), tmp_path / "page.md")
    text = (tmp_path / "page.md").read_text()
    assert "At most 4.00 times" in text
    assert text.count(f"| {TARGETS[0]} |") == 2
