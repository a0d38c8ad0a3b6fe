"""The page of a recipe that trained: the big numbers, its own figures, the network, its time."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any, Final

from cosearch.files import read_json
from cosearch.report import sections
from cosearch.report.document import write_document
from cosearch.report.formats import quantity, tag
from cosearch.report.headline import draw_cards, headline_cards
from cosearch.report.plots import draw, listing
from cosearch.report.run_data import RunData, Trials

PAGE: Final = "trained"  # as results name it
SEARCH: Final = "search"  # the folder of its study, if it has one


def is_trained(folder: Path) -> bool:
    """Whether a run's folder holds the result of such a recipe."""
    path = folder / "result.json"
    return path.exists() and read_json(path).get("page") == PAGE


def write_trained_page(folder: Path) -> None:
    """report.html of a finished run, from its result and the records of its search."""
    result = read_json(folder / "result.json")
    records = folder / SEARCH / "records.jsonl"
    run = RunData(result, {SEARCH: Trials.read(records)} if records.exists() else {})
    title = f"{result['recipe']}: {result['data']['name']} on {result['target']}"
    plots = [draw(plot, f"plot-{i}") for i, plot in enumerate(result["plots"])]
    body = [
        _headline(run, title),
        _predicted_and_measured(run),
        sections.pareto_front(run),
        sections.search_progress(run),
        *plots,
        sections.the_network(run),
        sections.time_by_layer(run),
        sections.measured_on_cpu(run),
        sections.do_it_again(run),
    ]
    write_document(folder / "report.html", title, "\n".join(body))


def _headline(run: RunData, title: str) -> str:
    lead = f"Accuracy is measured on images the search never saw; {_cost(run.result)}."
    heading = tag("h1", escape(title)) + tag("p", lead, class_="lead")
    return tag("header", heading + draw_cards(headline_cards(run)))


def _cost(result: Mapping[str, Any]) -> str:
    """What the figures of cost are."""
    latency = result["latency"]
    if latency["measured_ms"] is not None:
        return f"latency is measured on {latency['measured_on']}, in a fresh process"
    return f"cost is {latency['predicted']}"


def _predicted_and_measured(run: RunData) -> str:
    """The latency as the search had it beside what the device said, and what it said no to."""
    latency, limit = run.result["latency"], run.result["limits"].get("latency_ms")
    if latency["measured_ms"] is None:
        return ""
    found = {"predicted_ms": latency["predicted_ms"], "measured_ms": latency["measured_ms"]}
    rows = [_row(row, limit) for row in (*latency["missed"], found)]
    header = ["network", f"{latency['predicted']}", "measured", "95 % interval", "off by", "limit"]
    named = [[f"{i}", *row] for i, row in enumerate(rows, 1)]
    named[-1][0] = "delivered"
    note = (
        f"Whole networks, each on {latency['measured_on']} in a fresh process, in the order in "
        "which they were preferred. The upper end of the interval must be within the limit."
    )
    return draw(listing("Predicted and measured", note, header, named), "measured-again")


def _row(row: Mapping[str, Any], limit_ms: float | None) -> list[str]:
    predicted, taken = row["predicted_ms"], row["measured_ms"]
    shown = {name: quantity(value, "time", 1e-3) for name, value in taken.items()}
    return [
        quantity(predicted, "time", 1e-3),
        shown["median"],
        f"{shown['low']} to {shown['high']}",
        f"{predicted / taken['median'] - 1:+.1%}",
        "–" if limit_ms is None else quantity(limit_ms, "time", 1e-3),
    ]
