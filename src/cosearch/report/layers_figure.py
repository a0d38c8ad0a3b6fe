"""Where the time goes: one bar per layer, coloured by what bounds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from cosearch.report.formats import count, percent, quantity, shape
from cosearch.report.theme import BOUND_COLOURS, axis, figure, label


def layers_data(layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Rows in execution order grouped by bound, and each bound's share of the time."""
    total = sum(layer["time_us"] for layer in layers)
    groups = {
        bound: [(i, layer) for i, layer in enumerate(layers) if layer["bound_by"] == bound]
        for bound in dict.fromkeys([*BOUND_COLOURS, *(layer["bound_by"] for layer in layers)])
    }
    return {
        "names": [layer["name"] for layer in layers],
        "groups": {bound: rows for bound, rows in groups.items() if rows},
        "total_us": total,
        "shares": {
            bound: sum(layer["time_us"] for _, layer in rows) / total if total else 0.0
            for bound, rows in groups.items()
            if rows
        },
    }


def draw_layers(data: Mapping[str, Any]) -> go.Figure:
    """Drawing of `layers_data`: horizontal bars, first layer on top."""
    names = [label(name) for name in data["names"]]
    drawing = figure(
        110 + 21 * len(names),
        barmode="overlay",
        xaxis=axis(
            "time; beside each bar the utilisation of the MAC array",
            rangemode="tozero",
            tickformat="~s",
            ticksuffix="s",
        ),
        yaxis=axis(
            "",
            autorange="reversed",
            tickmode="array",
            tickvals=list(range(len(names))),
            ticktext=names,
            showgrid=False,
            ticklabelstandoff=8,
        ),
    )
    for bound, rows in data["groups"].items():
        drawing.add_trace(_bars(bound, rows))
    return drawing


def _bars(bound: str, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> go.Bar:
    return go.Bar(
        orientation="h",
        name=f"bound by {label(bound)}",
        x=[layer["time_us"] * 1e-6 for _, layer in rows],
        y=[index for index, _ in rows],
        text=[_utilisation(layer) for _, layer in rows],
        textposition="outside",
        width=0.74,
        cliponaxis=False,
        customdata=[_hover(layer) for _, layer in rows],
        hovertemplate="%{customdata}<extra></extra>",
        marker={"color": BOUND_COLOURS.get(bound, "#8b93a1")},
    )


def _utilisation(layer: Mapping[str, Any]) -> str:
    """Nothing for layers without multiply-accumulates, which do not use the array."""
    return percent(layer.get("utilisation"), 0) if layer.get("macs") else ""


def _hover(layer: Mapping[str, Any]) -> str:
    lines = [
        f"<b>{label(layer['name'])}</b> {label(layer.get('op', ''))} "
        f"{shape(layer.get('shape', ()))}",
        f"{quantity(layer['time_us'], 'time', 1e-6)}, bound by {label(layer['bound_by'])}",
        *(
            f"{name} {quantity(layer[key], 'time', 1e-6)}"
            for name, key in (
                ("compute", "compute_us"),
                ("on-chip", "on_chip_us"),
                ("DRAM", "dram_us"),
            )
            if layer.get(key) is not None
        ),
        f"{count(layer.get('macs'))} MACs, utilisation {percent(layer.get('utilisation'))}",
    ]
    return "<br>".join(lines)
