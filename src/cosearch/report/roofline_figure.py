"""A roofline plot: operational intensity against what each layer reaches, under the roof."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from cosearch.report.document import heading, write_document
from cosearch.report.formats import count, percent, quantity, table, tag
from cosearch.report.theme import BOUND_COLOURS, MUTED, axis, div, figure, label

Corner = tuple[float, float]
_SMALLEST, _LARGEST = 7.0, 30.0  # pixels across, by share of the time


def roofline_data(found: Mapping[str, Any]) -> dict[str, Any]:
    """What the plot shows of a `bottleneck`: roofs (x, y) and points by bound.

    x is operations per byte of DRAM traffic, y operations a second. Layers that move nothing from
    or to DRAM stand at the right end; layers without multiply-accumulates have no place.
    """
    roof, total = found["roofline"], found["total"]["time_us"]
    rows = [
        {**row, "intensity": x, "achieved": y, "share": (row["time_us"] or 0.0) / (total or 1.0)}
        for row, x, y in zip(
            found["layers"], roof["intensity"], roof["achieved_ops_per_s"], strict=True
        )
        if y > 0
    ]
    ridge = roof["peak_ops_per_s"] / (roof["dram_bytes_per_s"] or inf) or 1.0
    known = [row["intensity"] for row in rows if row["intensity"] is not None]
    low, high = min([*known, ridge]) / 2, max([*known, ridge]) * 4
    bounds = [b for b in BOUND_COLOURS if any(row["bound_by"] == b for row in rows)]
    return {
        "network": found["network"],
        "device": found["device"]["name"],
        "right_end": high,
        "roofs": _roofs(roof, low, high),
        "groups": {b: [row for row in rows if row["bound_by"] == b] for b in bounds},
    }


def _roofs(roof: Mapping[str, Any], low: float, high: float) -> dict[str, list[Corner]]:
    """Corners of the roof of each unit with a peak of its own."""
    bandwidth = roof["dram_bytes_per_s"] or inf
    peaks = {"peak": roof["peak_ops_per_s"], "vector unit's peak": roof["vector_ops_per_s"]}
    return {
        name: [(low, min(low * bandwidth, peak)), (max(low, peak / bandwidth), peak), (high, peak)]
        for name, peak in peaks.items()
        if peak is not None
    }


def draw_roofline(data: Mapping[str, Any]) -> go.Figure:
    """Drawing of `roofline_data`; a dot's area is its share of the time."""
    drawing = figure(
        560,
        xaxis=axis("operations per byte from or to DRAM", type="log"),
        yaxis=axis("operations a second", type="log", tickformat="~s"),
    )
    for name, corners in data["roofs"].items():
        drawing.add_trace(_roof(name, corners))
    for bound, rows in data["groups"].items():
        drawing.add_trace(_dots(bound, rows, data["right_end"]))
    return drawing


def _roof(name: str, corners: list[Corner]) -> go.Scatter:
    return go.Scatter(
        x=[x for x, _ in corners],
        y=[y for _, y in corners],
        mode="lines",
        name=name,
        line={"color": MUTED, "width": 2, "dash": "solid" if name == "peak" else "dot"},
        hoverinfo="skip",
    )


def _dots(bound: str, rows: list[dict[str, Any]], right_end: float) -> go.Scatter:
    sizes = [_SMALLEST + (_LARGEST - _SMALLEST) * row["share"] ** 0.5 for row in rows]
    return go.Scatter(
        x=[right_end if row["intensity"] is None else row["intensity"] for row in rows],
        y=[row["achieved"] for row in rows],
        mode="markers",
        name=f"bound by {label(bound)}",
        customdata=[_hover(row) for row in rows],
        hovertemplate="%{customdata}<extra></extra>",
        marker={
            "color": BOUND_COLOURS[bound],
            "size": sizes,
            "opacity": 0.75,
            "line": {"width": 0},
        },
    )


def _hover(row: Mapping[str, Any]) -> str:
    intensity = row["intensity"]
    traffic = "no DRAM traffic" if intensity is None else f"{intensity:.3g} operations a byte"
    return "<br>".join(
        [
            f"<b>{label(row['name'])}</b> {label(row['op'])}",
            f"{quantity(row['time_us'], 'time', 1e-6)}, {percent(row['share'])} of the time,"
            f" bound by {label(row['bound_by'])}",
            f"{count(row['achieved'])} operations a second, {traffic}",
        ]
    )


def write_roofline(found: Mapping[str, Any], path: Path) -> None:
    """The plot and the what-if table of a `bottleneck`, one HTML file that loads nothing."""
    title = f"{found['network']} on {found['device']['name']}"
    write_document(path, title, _body(found, title))


def _body(found: Mapping[str, Any], title: str) -> str:
    total = found["total"]
    shares = ", ".join(f"{bound} {percent(share)}" for bound, share in found["shares"].items())
    time = quantity(total["time_us"], "time", 1e-6)
    lead = f"{time} a pass of {total['batch']}. Time by bound: {shares}"
    caption = "A dot's area is its layer's share of the time; at the right edge: no DRAM traffic."
    gains = (
        (row["resource"], quantity(row["latency_us"], "time", 1e-6), _times(row["speedup"]))
        for row in found["what_if"]
    )
    return "\n".join(
        [
            heading(title, lead),
            tag(
                "section",
                tag("h2", "Roofline")
                + tag("p", caption, class_="caption")
                + div(draw_roofline(roofline_data(found)), "roofline"),
            ),
            tag(
                "section",
                tag("h2", "What if there were twice as much")
                + table(("of", "time", "speed-up"), gains),
            ),
        ]
    )


def _times(speedup: float | None) -> str:
    return "" if speedup is None else f"{speedup:.3f}x"
