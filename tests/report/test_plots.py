"""Figures described as data, drawn."""

from __future__ import annotations

import pytest

from cosearch.errors import CosearchError
from cosearch.report.plots import draw, heat, lines, listing


def test_lines_are_drawn_with_their_values() -> None:
    series = [{"name": "loss <1>", "x": [1, 2], "y": [0.5, 0.25]}]
    html = draw(lines("Training", "A note & more.", "epoch", "loss", series), "p0")
    for part in ("<h2>Training</h2>", "A note &amp; more.", 'id="p0"', "epoch", "0.25"):
        assert part in html
    assert "<1>" not in html


def test_dots_are_not_joined() -> None:
    series = {"name": "networks", "x": [1], "y": [2], "dots": True}
    assert '"mode":"markers"' in draw(lines("t", "", "x", "y", [series]), "p")


def test_a_heat_map_has_its_rows_and_columns() -> None:
    html = draw(heat("Scores", "", ["k3", "k5"], ["layer 1"], [[0.125], [None]], "score"), "p1")
    for part in ("k3", "k5", "layer 1", "0.125", "score"):
        assert part in html
    assert "caption" not in html


def test_a_table_is_text() -> None:
    html = draw(listing("Steps", "", ["step", "cut"], [["1", "<block>"]]), "p2")
    assert "&lt;block&gt;" in html
    assert "<block>" not in html


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(CosearchError, match="kind of plot 'pie'"):
        draw({"kind": "pie", "title": "", "note": ""}, "p")
