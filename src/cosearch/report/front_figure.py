"""The exact front of a sweep: latency against area, with the optimum of each budget."""

from __future__ import annotations

from collections.abc import Mapping
from math import log10
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from cosearch.report.document import heading, write_document
from cosearch.report.formats import tag
from cosearch.report.theme import JOINT, LIMIT, axis, div, figure, label
from cosearch.units import show


def front_data(result: Mapping[str, Any]) -> dict[str, Any]:
    """Points (area, y, energy, words) of the front and of each budget's optimum.

    y is the latency in seconds; of several workloads, how much slower than the reference.
    """
    names = [workload["name"] for workload in result["workloads"]]
    reference = result["reference"]["device"]
    optima = [budget["top"][0] for budget in result["budgets"] if budget["top"]]
    limits = [budget["limits"].get("area_mm2") for budget in result["budgets"]]
    return {
        "title": f"{', '.join(names)} on all {result['evaluated']:,} designs of {result['space']}",
        "y": "latency" if len(names) == 1 else f"latency against {reference}",
        "seconds": len(names) == 1,
        "with_energy": "energy" in result["front"]["objectives"],
        "front": [_point(design, names) for design in result["front"]["designs"]],
        "optima": [_point(design, names) for design in optima],
        "limits": [limit for limit in limits if limit is not None],
    }


def _point(design: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    latency = [design["latency_ms"][name] * 1e-3 for name in names]
    energy = [design["energy_mj"][name] * 1e-3 for name in names]
    chip = {k: v for k, v in design["accelerator"].items() if k not in ("kind", "name")}
    timed = zip(names, latency, energy, strict=True)
    lines = [
        f"design {design['design']}",
        f"{design['area_mm2']:.4g} mm², {design['peak_tops']:.3g} TOPS",
        *(f"{label(n)}: {show(t, 'time')}, {show(e, 'energy')}" for n, t, e in timed),
        *(f"{name.replace('_', ' ')}: {label(value)}" for name, value in chip.items()),
    ]
    return {
        "area_mm2": design["area_mm2"],
        "y": latency[0] if len(names) == 1 else 1.0 / design["speed_up"],
        "energy_j": sum(energy),
        "hover": "<br>".join(lines),
    }


def draw_front(data: Mapping[str, Any]) -> go.Figure:
    """Drawing of `front_data`; with energy as the third objective, dots coloured by it."""
    time = {"tickformat": "~s", "ticksuffix": "s"} if data["seconds"] else {}
    drawing = figure(
        560,
        xaxis=axis("chip area (mm²)", type="log", dtick=1),
        yaxis=axis(data["y"], type="log", dtick=1, **time),
    )
    for limit in data["limits"]:
        drawing.add_vline(limit, line={"color": LIMIT, "width": 1.5, "dash": "dash"})
    flat = {"mode": "lines+markers", "line": {"shape": "hv", "width": 1.5, "color": JOINT}}
    style = {"mode": "markers"} if data["with_energy"] else flat
    drawing.add_trace(_dots("exact front", data["front"], marker=_marker(data), **style))
    star = {"symbol": "star", "size": 17, "color": LIMIT, "line": {"color": "white", "width": 1}}
    drawing.add_trace(_dots("optimum of a budget", data["optima"], mode="markers", marker=star))
    return drawing


def _marker(data: Mapping[str, Any]) -> dict[str, Any]:
    if not data["with_energy"]:
        return {"size": 5, "color": JOINT}
    energy = [log10(point["energy_j"]) for point in data["front"]]
    ticks = [min(energy) + (max(energy) - min(energy)) * i / 4 for i in range(5)] if energy else []
    bar = {
        "title": {"text": "energy"},
        "tickvals": ticks,
        "ticktext": [show(10**tick, "energy", 2) for tick in ticks],
    }
    return {"size": 5, "color": energy, "colorscale": "Viridis", "colorbar": bar}


def _dots(name: str, points: list[dict[str, Any]], **style: Any) -> go.Scatter:
    return go.Scatter(
        x=[point["area_mm2"] for point in points],
        y=[point["y"] for point in points],
        name=name,
        customdata=[point["hover"] for point in points],
        hovertemplate="%{customdata}<extra></extra>",
        **style,
    )


def write_front(result: Mapping[str, Any], path: Path) -> None:
    """One HTML file that loads nothing."""
    data = front_data(result)
    lead = (
        f"{result['evaluated']:,} designs evaluated, {result['can_run']:,} can run; "
        f"the front has {len(data['front']):,} points. No design is better than them in one of "
        f"{', '.join(result['front']['objectives'])} without being worse in another."
    )
    body = heading(data["title"], lead)
    body += tag("section", tag("h2", "Exact front") + div(draw_front(data), "front"))
    write_document(path, data["title"], body)
