"""The page of a recipe that trained: the big numbers, its own figures, the network, its time."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

from plotly.offline import get_plotlyjs

from cosearch.files import read_json, write_atomically
from cosearch.report import sections
from cosearch.report.formats import tag
from cosearch.report.headline import draw_cards, headline_cards
from cosearch.report.plots import draw
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
        sections.pareto_front(run),
        sections.search_progress(run),
        *plots,
        sections.the_network(run),
        sections.time_by_layer(run),
        sections.measured_on_cpu(run),
        sections.do_it_again(run),
    ]
    here = files("cosearch.report")
    page = Template((here / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(title),
        style=(here / "style.css").read_text(encoding="utf-8"),
        plotly=get_plotlyjs(),
        body="\n".join(body),
    )
    write_atomically(
        folder / "report.html", lambda beside: beside.write_text(page, encoding="utf-8")
    )


def _headline(run: RunData, title: str) -> str:
    lead = "Accuracy is measured on images the search never saw; cost is the target's model."
    heading = tag("h1", escape(title)) + tag("p", lead, class_="lead")
    return tag("header", heading + draw_cards(headline_cards(run)))
