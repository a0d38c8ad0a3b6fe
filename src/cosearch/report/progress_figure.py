"""How the searches went: the best feasible accuracy, or score, so far, and which trials met the
limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from numpy import ndarray

from cosearch.report.merit import ACCURACY, Merit
from cosearch.report.run_data import RunData, Trials
from cosearch.report.theme import STUDY_COLOURS, STUDY_NAMES, axis, figure

_STRIP_COLOUR = "rgba(139,147,161,0.22)"


def best_so_far(trials: Trials) -> Float[ndarray, " n"]:
    """Best feasible accuracy up to each trial (n,); NaN before the first feasible one."""
    best = np.maximum.accumulate(np.where(trials.feasible, trials.accuracy, -np.inf))
    return np.where(np.isfinite(best), best, np.nan)


def progress_data(run: RunData) -> dict[str, dict[str, Any]]:
    """Per study: trial numbers, best so far, feasible mask and its share."""
    return {
        name: {
            "trial": trials.trial,
            "best": best_so_far(trials),
            "feasible": trials.feasible,
            "share": float(trials.feasible.mean()),
        }
        for name, trials in run.studies.items()
    }


def draw_progress(data: Mapping[str, Mapping[str, Any]], merit: Merit = ACCURACY) -> go.Figure:
    """Drawing of `progress_data`: curves above, one strip per study below."""
    drawing = figure(
        480,
        xaxis=axis("trial", anchor="y2", showgrid=False),
        yaxis=axis(
            f"best feasible {merit.name} so far", tickformat=merit.tick_format, domain=[0.32, 1]
        ),
        yaxis2=axis(
            "",
            domain=[0, 0.22],
            showgrid=False,
            autorange="reversed",
            ticks="",
            ticklabelstandoff=8,
            tickvals=list(range(len(data))),
            ticktext=[f"{STUDY_NAMES[n]}<br>{s['share']:.0%} feasible" for n, s in data.items()],
        ),
    )
    for name, study in data.items():
        drawing.add_trace(_curve(name, study, merit))
    for row, (name, study) in enumerate(data.items()):
        drawing.add_trace(_strip(row, name, study))
    return drawing


def _curve(name: str, study: Mapping[str, Any], merit: Merit) -> go.Scatter:
    return go.Scatter(
        x=study["trial"],
        y=study["best"],
        mode="lines",
        name=STUDY_NAMES[name],
        line={"shape": "hv", "width": 2.5, "color": STUDY_COLOURS[name]},
        hovertemplate=f"trial %{{x}}<br>best so far %{{y:{merit.point_format}}}",
    )


def _strip(row: int, name: str, study: Mapping[str, Any]) -> go.Heatmap:
    feasible = study["feasible"]
    return go.Heatmap(
        x=study["trial"],
        y=[row],  # a number: plotly fails on two heatmaps with one category each
        z=feasible[None].astype(int),
        text=np.where(feasible, "meets the limits", "over a limit, or cannot run")[None],
        hovertemplate="trial %{x}: %{text}<extra></extra>",
        zmin=0,
        zmax=1,
        colorscale=[[0, _STRIP_COLOUR], [1, STUDY_COLOURS[name]]],
        showscale=False,
        ygap=4,
        yaxis="y2",
    )
