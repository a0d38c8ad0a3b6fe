"""The page of a search for networks on one device: all trials, the one found, where time goes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import plotly.graph_objects as go

from cosearch.files import read_json
from cosearch.report.document import heading, write_document
from cosearch.report.formats import count, percent, table, tag
from cosearch.report.pareto_data import pareto_data
from cosearch.report.pareto_figure import draw_pareto
from cosearch.report.progress_figure import draw_progress, progress_data
from cosearch.report.run_data import RunData, Trials
from cosearch.report.sections import the_network, time_by_layer
from cosearch.report.theme import div
from cosearch.units import show

_RECORDS: Final = "networks/records.jsonl"
_STUDY: Final = "search"


def is_network_search(folder: Path) -> bool:
    """Whether a run's folder holds a search for networks on one device."""
    return (folder / _RECORDS).exists()


def write_network_page(folder: Path) -> None:
    """report.html of a finished run, from its result and the records of its search."""
    result = read_json(folder / "result.json")
    run = RunData(result, {_STUDY: Trials.read(folder / _RECORDS)})
    title = f"{result['space']['name']} on {Path(result['settings']['on']).stem}"
    body = heading(title, lead(result))
    body += _section("Accuracy against latency", div(_trials(run), "pareto"))
    body += _section("Search", div(draw_progress(progress_data(run)), "progress"))
    body += _section("Beside known networks", _compared(result))
    body += the_network(run) + time_by_layer(run)
    write_document(folder / "report.html", title, body)


def lead(result: Mapping[str, Any]) -> str:
    """What came of it, in a few sentences."""
    search = result["search"]
    words = (
        f"{search['optimizer']} tried {search['trials']:,} of {result['space']['networks']:.3g} "
        f"networks and found one of {percent(result['accuracy'], 2)} predicted accuracy in "
        f"{_ms(result)}, {count(result['params'])} parameters. Latencies are "
        f"{_how(result)}. Accuracies are of a short training schedule: their ranking counts."
    )
    failed = len(result["measured_again"]) - 1
    if failed > 0:
        words += f" Better ones missed the limit when measured again in a fresh process: {failed}."
    return words


def _how(result: Mapping[str, Any]) -> str:
    if result["measured_again"]:
        return result["cost_model"] + ", the found one's in a fresh process"
    return f"of the {result['cost_model']} model"


def _trials(run: RunData) -> go.Figure:
    drawing = draw_pareto(pareto_data(run))
    drawing.update_xaxes(title="latency")
    drawing.update_yaxes(title="accuracy, predicted")
    return drawing


def _compared(result: Mapping[str, Any]) -> str:
    rows = {"found": result, **result["references"]}
    figures = [("accuracy, predicted", *(percent(row["accuracy"], 2) for row in rows.values()))]
    return table(("", *rows), [*figures, ("latency", *map(_ms, rows.values()))])


def _ms(row: Mapping[str, Any]) -> str:
    return show(row["latency_ms"] * 1e-3, "time", 4)


def _section(heading: str, body: str) -> str:
    return tag("section", tag("h2", heading) + body)
