"""Colours, and the look all plotly figures share. Text and grids are coloured by ``style.css``."""

from __future__ import annotations

from html import escape
from typing import Any, Final

import plotly.graph_objects as go

JOINT: Final = "#4f6bed"
FIXED: Final = "#d97706"
MUTED: Final = "#8b93a1"
LIMIT: Final = "#d6336c"

STUDY_COLOURS: Final = {"joint": JOINT, "fixed": FIXED, "search": JOINT}
STUDY_NAMES: Final = {"joint": "joint search", "fixed": "fixed accelerator", "search": "search"}
BOUND_COLOURS: Final = {
    "compute": "#7c5cd6",
    "on-chip": "#12a594",
    "DRAM": "#e5604d",
    "capacity": "#f08c3a",
    "vector unit": "#4f9bed",
    "instruction": "#e0a526",
}
AREA_COLOURS: Final = {
    "MAC array": "#7c5cd6",
    "core memories": "#12a594",
    "PE memories": "#4f9bed",
}
OTHER_COLOURS: Final = ("#e0a526", "#e5604d", "#8b93a1")
FONT: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'


def figure(height: int, **layout: Any) -> go.Figure:
    """An empty figure in the page's look."""
    return go.Figure(
        layout={
            "template": "none",
            "showlegend": True,
            "height": height,
            "font": {"family": FONT, "size": 13},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 64, "r": 20, "t": 44, "b": 52},
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            "hoverlabel": {"font": {"family": FONT, "size": 13}, "align": "left"},
            **layout,
        }
    )


def axis(title: str, **options: Any) -> dict[str, Any]:
    """An axis with quiet grid lines."""
    return {
        "title": {"text": title, "standoff": 12, "font": {"size": 13}},
        "gridcolor": "#e2e5ea",
        "zeroline": False,
        "automargin": True,
        **options,
    }


def label(text: object) -> str:
    """Foreign text for plotly, which reads some HTML in labels."""
    return escape(str(text), quote=False)


def div(drawing: go.Figure, name: str) -> str:
    """The figure as an HTML fragment; plotly.js itself is inlined once by the page."""
    html: str = drawing.to_html(
        full_html=False,
        include_plotlyjs=False,
        div_id=name,
        config={"displayModeBar": False, "responsive": True},
    )
    return html
