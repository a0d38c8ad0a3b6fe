"""The page of a search for accelerators: the best so far, trial by trial, and the optimum."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from cosearch.files import read_json
from cosearch.report.document import heading, write_document
from cosearch.report.formats import area, percent, quantity, table, tag
from cosearch.report.run_data import Trials
from cosearch.report.theme import JOINT, LIMIT, MUTED, axis, div, figure
from cosearch.units import show

_RECORDS: Final = "search/records.jsonl"
_MEMORIES: Final = ("pe", "core", "instruction", "parameter", "activation")


def search_data(result: Mapping[str, Any], trials: Trials) -> dict[str, Any]:
    """Seconds by trial: of each within the limits (NaN beyond), the best so far, the optimum."""
    met = trials.violation <= 0
    best = np.minimum.accumulate(np.where(met, trials.latency_s, np.inf))
    certified = result["certified"]
    return {
        "trial": trials.trial + 1,
        "within": np.where(met, trials.latency_s, np.nan),
        "best": np.where(np.isfinite(best), best, np.nan),
        "optimum": certified["latency_ms"] * 1e-3 if certified else None,
    }


def draw_search(data: Mapping[str, Any]) -> go.Figure:
    """Drawing of `search_data`."""
    drawing = figure(
        480,
        xaxis=axis("trial"),
        yaxis=axis("latency", type="log", tickformat="~s", ticksuffix="s"),
    )
    dots = {"size": 4, "color": MUTED, "opacity": 0.5}
    drawing.add_trace(_trace("a trial", data, "within", mode="markers", marker=dots))
    line = {"shape": "hv", "width": 2.5, "color": JOINT}
    drawing.add_trace(_trace("best so far", data, "best", mode="lines", line=line))
    if data["optimum"] is not None:
        optimum = {**data, "optimum": np.full(len(data["trial"]), data["optimum"])}
        dashed = {"width": 1.5, "dash": "dash", "color": LIMIT}
        drawing.add_trace(
            _trace("certified optimum", optimum, "optimum", mode="lines", line=dashed)
        )
    return drawing


def _trace(name: str, data: Mapping[str, Any], column: str, **style: Any) -> go.Scatter:
    seconds = data[column]
    words = [show(float(s), "time", 4) if np.isfinite(s) else "" for s in seconds]
    return go.Scatter(
        x=data["trial"],
        y=seconds,
        name=name,
        customdata=words,
        hovertemplate="trial %{x}: %{customdata}",
        **style,
    )


def is_search(folder: Path) -> bool:
    """Whether a run's folder holds a search for accelerators alone."""
    return (folder / _RECORDS).exists()


def write_search_page(folder: Path) -> None:
    """report.html of a finished run, from its result and the records of its search."""
    result = read_json(folder / "result.json")
    trials = Trials.read(folder / _RECORDS)
    names = ", ".join(workload["name"] for workload in result["workloads"])
    title = f"{names} within {result['limits']['area_mm2']:g} mm²"
    body = heading(title, lead(result))
    body += tag("section", tag("h2", "Search") + div(draw_search(search_data(result, trials)), "s"))
    body += tag("section", tag("h2", "Accelerator") + _compared(result))
    write_document(folder / "report.html", title, body)


def lead(result: Mapping[str, Any]) -> str:
    """What came of it, in a sentence or two."""
    search, certified = result["search"], result["certified"]
    words = (
        f"{search['optimizer']} tried {search['trials']:,} of {result['space']['designs']:,} "
        f"designs and found {show(result['latency_ms'] * 1e-3, 'time', 4)}."
    )
    if certified is None:
        return words
    return (
        f"{words} The fastest of all is {show(certified['latency_ms'] * 1e-3, 'time', 4)}, "
        f"certified: every design was evaluated. Regret {percent(certified['regret'], 2)}."
    )


def _compared(result: Mapping[str, Any]) -> str:
    found = {"found": result}
    if result["certified"] is not None:
        found["certified optimum"] = result["certified"]
    return table(("", *found), [(name, *map(show_it, found.values())) for name, show_it in _ROWS])


def _memory(name: str) -> Any:
    return lambda row: f"{row['accelerator'][f'{name}_memory_kib']:g} KiB"


_ROWS: Final = (
    ("latency", lambda row: quantity(row["latency_ms"], "time", 1e-3)),
    ("energy", lambda row: quantity(row["energy_mj"], "energy", 1e-3)),
    ("area", lambda row: area(row["area_mm2"])),
    ("speed-up over Edge TPU V1", lambda row: f"{row['speed_up']:.3g}x"),
    ("PEs", lambda row: f"{row['accelerator']['pes_x']} x {row['accelerator']['pes_y']}"),
    ("cores", lambda row: str(row["accelerator"]["cores"])),
    ("lanes", lambda row: str(row["accelerator"]["lanes"])),
    *((f"{name} memory".replace("pe ", "PE "), _memory(name)) for name in _MEMORIES),
    ("DRAM", lambda row: f"{row['accelerator']['dram_gb_per_s']:g} GB/s"),
    ("peak", lambda row: f"{row['peak_tops']:.3g} TOPS"),
)
