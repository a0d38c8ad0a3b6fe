"""Figures that a recipe describes as data, in its result; drawn here.

A plot is a JSON object with `kind`, `title` and `note`, and

- "lines": `x`, `y` (titles of the axes), `series` (each with `name`, `x`, `y`, and `dots`: true
  for points that no line joins);
- "heat": `rows`, `columns` (names), `values` (by row; null is left white), `unit`;
- "table": `header`, `rows` (text).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from itertools import cycle
from typing import Any, Final

import plotly.graph_objects as go

from cosearch.errors import unknown
from cosearch.report.formats import table, tag
from cosearch.report.theme import FIXED, JOINT, LIMIT, MUTED, axis, div, figure, label

Plot = Mapping[str, Any]
_COLOURS: Final = (JOINT, FIXED, "#12a594", LIMIT, "#7c5cd6", "#e0a526", MUTED)


def lines(title: str, note: str, x: str, y: str, series: list[dict[str, Any]]) -> dict[str, Any]:
    """A plot of lines or dots."""
    return {"kind": "lines", "title": title, "note": note, "x": x, "y": y, "series": series}


def heat(
    title: str,
    note: str,
    rows: list[str],
    columns: list[str],
    values: list[list[float | None]],
    unit: str = "",
) -> dict[str, Any]:
    """A plot of cells coloured by value, shape (rows, columns)."""
    return {
        "kind": "heat",
        "title": title,
        "note": note,
        "rows": rows,
        "columns": columns,
        "values": values,
        "unit": unit,
    }


def listing(title: str, note: str, header: list[str], rows: list[list[str]]) -> dict[str, Any]:
    """A table of text."""
    return {"kind": "table", "title": title, "note": note, "header": header, "rows": rows}


def draw(plot: Plot, name: str) -> str:
    """A section of HTML; `name` must be another for every plot of a page."""
    if plot["kind"] not in _DRAWN:
        raise unknown("kind of plot", plot["kind"], _DRAWN)
    note = tag("p", escape(plot["note"]), class_="caption") if plot["note"] else ""
    body = _DRAWN[plot["kind"]](plot, name)
    return tag("section", tag("h2", escape(plot["title"])) + note + body)


def _draw_lines(plot: Plot, name: str) -> str:
    drawing = figure(420, xaxis=axis(label(plot["x"])), yaxis=axis(label(plot["y"])))
    for series, colour in zip(plot["series"], cycle(_COLOURS), strict=False):
        dots = series.get("dots", False)
        drawing.add_trace(
            go.Scatter(
                x=series["x"],
                y=series["y"],
                name=label(series["name"]),
                mode="markers" if dots else "lines",
                marker={"size": 6, "color": colour},
                line={"width": 2, "color": colour},
            )
        )
    return div(drawing, name)


def _draw_heat(plot: Plot, name: str) -> str:
    height = 140 + 22 * len(plot["rows"])
    drawing = figure(height, xaxis=axis(""), yaxis=axis("", autorange="reversed"))
    drawing.add_trace(
        go.Heatmap(
            z=plot["values"],
            x=[label(column) for column in plot["columns"]],
            y=[label(row) for row in plot["rows"]],
            colorscale="Blues",
            colorbar={"title": {"text": label(plot["unit"])}},
        )
    )
    return div(drawing, name)


def _draw_table(plot: Plot, name: str) -> str:
    return table(plot["header"], plot["rows"], id=name)


_DRAWN: Final[Mapping[str, Callable[[Plot, str], str]]] = {
    "lines": _draw_lines,
    "heat": _draw_heat,
    "table": _draw_table,
}
