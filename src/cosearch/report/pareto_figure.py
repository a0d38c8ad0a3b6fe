"""Accuracy against latency of all trials, with the front of each study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool
from numpy import ndarray

from cosearch.pareto import non_dominated
from cosearch.report.run_data import RunData, Trials
from cosearch.report.theme import (
    LIMIT,
    MUTED,
    STUDY_COLOURS,
    STUDY_NAMES,
    axis,
    figure,
)

MOST_POINTS: Final = 3000  # of one study off its front; more make the page slow and no clearer
_HOVER: Final = (
    "trial %{customdata[0]}<br>accuracy %{y:.2%}<br>latency %{x:.3s}s"
    "<br>chip area %{customdata[1]:.3g} mm²<br>energy %{customdata[2]:.3s}J"
)


def front(trials: Trials) -> Bool[ndarray, " n"]:
    """Mask (n,) of the feasible trials no feasible trial beats in both latency and accuracy."""
    mask = np.zeros(len(trials), dtype=bool)
    rows = np.flatnonzero(trials.feasible & np.isfinite(trials.latency_s))
    mask[rows] = non_dominated(np.stack([trials.latency_s, -trials.accuracy], axis=1)[rows])
    return mask


def pareto_data(run: RunData) -> dict[str, Any]:
    """Points of every study by role, what was picked, the limit, and the accuracies worth seeing."""
    points = {name: _roles(trials) for name, trials in run.studies.items()}
    limit_ms = run.result.get("limits", {}).get("latency_ms")
    return {
        "points": points,
        "picked": _picked(run.result),
        "limit_s": None if limit_ms is None else limit_ms * 1e-3,
        "accuracy_range": _accuracy_range(points),
        "left_out": sum(int(roles.pop("left_out")) for roles in points.values()),
    }


def _roles(trials: Trials) -> dict[str, Any]:
    on_front = front(trials)
    shown = np.isfinite(trials.accuracy) & np.isfinite(trials.latency_s)
    rest = np.flatnonzero(shown & ~on_front)
    kept = np.zeros(len(trials), dtype=bool)
    kept[rest[:: max(1, -(-len(rest) // MOST_POINTS))]] = True
    ordered = np.flatnonzero(on_front)
    return {
        "front": trials[ordered[np.argsort(trials.latency_s[ordered], kind="stable")]],
        "feasible": trials[kept & trials.feasible],
        "infeasible": trials[kept & ~trials.feasible],
        "left_out": len(rest) - int(kept.sum()),
    }


def _picked(result: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """(latency in s, accuracy) of what each search ended with."""
    ends = {"joint": result, "fixed": result.get("fixed_accelerator", {})}
    return {
        name: (end["latency_ms"] * 1e-3, end["validation_accuracy"])
        for name, end in ends.items()
        if end.get("latency_ms") is not None and end.get("validation_accuracy") is not None
    }


def _accuracy_range(points: Mapping[str, Mapping[str, Any]]) -> tuple[float, float]:
    """Show every front whole, and all but the worst twentieth of the other points."""
    everything = np.concatenate([t.accuracy for roles in points.values() for t in _trials(roles)])
    fronts = np.concatenate([roles["front"].accuracy for roles in points.values()])
    if not len(everything):
        return (0.0, 1.0)
    low = min(float(np.quantile(everything, 0.05)), float(fronts.min(initial=1.0)))
    high = float(everything.max())
    margin = 0.06 * max(high - low, 0.005)
    return (low - margin, high + margin)


def _trials(roles: Mapping[str, Any]) -> list[Trials]:
    return [value for value in roles.values() if isinstance(value, Trials)]


def draw_pareto(data: Mapping[str, Any]) -> go.Figure:
    """Drawing of `pareto_data`."""
    drawing = figure(
        480,
        xaxis=axis("modelled latency", type="log", tickformat="~s", ticksuffix="s", nticks=8),
        yaxis=axis("validation accuracy", tickformat=".1%", range=data["accuracy_range"]),
    )
    for role, style in _ROLE_STYLES.items():
        for name, roles in data["points"].items():
            drawing.add_trace(_scatter(name, role, roles[role], style))
    for name, point in data["picked"].items():
        drawing.add_trace(_star(name, *point))
    if data["limit_s"] is not None:
        drawing.add_vline(
            data["limit_s"],
            line={"color": LIMIT, "width": 1.5, "dash": "dash"},
            annotation={"text": "latency limit", "yanchor": "bottom"},
            annotation_position="top",
        )
    return drawing


_ROLE_STYLES: Final[dict[str, dict[str, Any]]] = {
    "infeasible": {"mode": "markers", "marker": {"size": 5, "symbol": "x-thin", "opacity": 0.55}},
    "feasible": {"mode": "markers", "marker": {"size": 5, "opacity": 0.35}},
    "front": {"mode": "lines+markers", "marker": {"size": 8}, "line": {"shape": "hv", "width": 2}},
}
_ROLE_NAMES: Final = {"front": "front", "feasible": "other trials", "infeasible": "over a limit"}


def _scatter(name: str, role: str, trials: Trials, style: Mapping[str, Any]) -> go.Scatter:
    colour = MUTED if role == "infeasible" else STUDY_COLOURS[name]
    return go.Scatter(
        x=trials.latency_s,
        y=trials.accuracy,
        customdata=np.stack([trials.trial, trials.area_mm2, trials.energy_j], axis=1),
        name=f"{STUDY_NAMES[name]}: {_ROLE_NAMES[role]}",
        hovertemplate=_HOVER,
        mode=style["mode"],
        line={"color": colour, **style.get("line", {})},
        marker={"color": colour, "line": {"color": colour, "width": 1}, **style["marker"]},
    )


def _star(name: str, latency_s: float, accuracy: float) -> go.Scatter:
    return go.Scatter(
        x=[latency_s],
        y=[accuracy],
        mode="markers",
        name=f"{STUDY_NAMES[name]}: picked",
        hovertemplate="picked<br>accuracy %{y:.2%}<br>latency %{x:.3s}s",
        marker={
            "symbol": "star",
            "size": 19,
            "color": STUDY_COLOURS[name],
            "line": {"color": "white", "width": 1.5},
        },
    )
