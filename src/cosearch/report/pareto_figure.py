"""Accuracy, or the score in its place, against latency of all trials, with each study's front."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from cosearch.report.merit import Merit
from cosearch.report.run_data import Trials
from cosearch.report.theme import LIMIT, MUTED, STUDY_COLOURS, STUDY_NAMES, axis, figure
from cosearch.units import show

_HOVER: Final = (
    "trial %{{customdata[0]}}<br>{name} %{{y:{point}}}<br>latency %{{x:.3s}}s"
    "<br>chip area %{{customdata[1]:.3g}} mm²<br>energy %{{customdata[2]:.3s}}J"
)


def draw_pareto(data: Mapping[str, Any]) -> go.Figure:
    """Drawing of `pareto_data`."""
    merit: Merit = data["merit"]
    drawing = figure(
        480,
        xaxis=axis(
            f"latency, {data['figures']}",
            type="log",
            tickvals=data["latency_ticks_s"],
            ticktext=[show(tick, "time") for tick in data["latency_ticks_s"]],
            range=data["log_latency_range"],
        ),
        yaxis=axis(merit.in_search, tickformat=merit.tick_format, range=data["accuracy_range"]),
    )
    for role, style in _ROLE_STYLES.items():
        for name, roles in data["points"].items():
            drawing.add_trace(_scatter(name, role, roles[role], style, merit))
    for name, point in data["picked"].items():
        drawing.add_trace(_star(name, point, merit))
    if data["limit_s"] is not None:
        _draw_limit(drawing, data["limit_s"])
    return _each_name_once(drawing)


def _each_name_once(drawing: go.Figure) -> go.Figure:
    """One legend entry for all traces of one name."""
    seen: set[str] = set()
    for trace in drawing.data:
        trace.update(legendgroup=trace.name, showlegend=trace.name not in seen)
        seen.add(trace.name)
    return drawing


def _draw_limit(drawing: go.Figure, limit_s: float) -> None:
    drawing.add_vline(limit_s, line={"color": LIMIT, "width": 1.5, "dash": "dash"})
    drawing.add_annotation(
        x=math.log10(limit_s),  # plotly places annotations on a log axis by exponent
        y=0,
        yref="paper",
        text="latency limit",
        showarrow=False,
        xanchor="left",
        yanchor="bottom",
        xshift=5,
    )


_ROLE_STYLES: Final[dict[str, dict[str, Any]]] = {
    "infeasible": {"mode": "markers", "marker": {"size": 5, "symbol": "x-thin", "opacity": 0.55}},
    "feasible": {"mode": "markers", "marker": {"size": 5, "opacity": 0.35}},
    "front": {"mode": "lines+markers", "marker": {"size": 8}, "line": {"shape": "hv", "width": 2}},
}


_LEGENDS: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "front": lambda study: {"name": f"{study}: front", "legendrank": 1},
    "picked": lambda _: {"name": "picked", "legendrank": 2},
    "feasible": lambda study: {"name": f"{study}: other", "legendrank": 3},
    "infeasible": lambda _: {"name": "over a limit", "legendrank": 4},
}


def _scatter(
    name: str, role: str, trials: Trials, style: Mapping[str, Any], merit: Merit
) -> go.Scatter:
    colour = MUTED if role == "infeasible" else STUDY_COLOURS[name]
    return go.Scatter(
        x=trials.latency_s,
        y=trials.accuracy,
        customdata=np.stack([trials.trial, trials.area_mm2, trials.energy_j], axis=1),
        hovertemplate=_HOVER.format(name=merit.name, point=merit.point_format),
        **_LEGENDS[role](STUDY_NAMES[name]),
        mode=style["mode"],
        line={"color": colour, **style.get("line", {})},
        marker={"color": colour, "line": {"color": colour, "width": 1}, **style["marker"]},
    )


def _star(name: str, point: tuple[float, float], merit: Merit) -> go.Scatter:
    latency_s, reached = point
    return go.Scatter(
        x=[latency_s],
        y=[reached],
        mode="markers",
        **_LEGENDS["picked"](""),
        hovertemplate=f"picked<br>{merit.name} %{{y:{merit.point_format}}}<br>latency %{{x:.3s}}s",
        marker={
            "symbol": "star",
            "size": 19,
            "color": STUDY_COLOURS[name],
            "line": {"color": "white", "width": 1.5},
        },
    )
