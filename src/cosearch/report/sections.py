"""The sections of the page in order; each is empty where the run has nothing for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from itertools import cycle
from typing import Final

from cosearch.networks import Network
from cosearch.report import tables
from cosearch.report.chip_svg import chip_svg
from cosearch.report.formats import area, plain, quantity, table, tag
from cosearch.report.headline import draw_cards, headline_cards
from cosearch.report.layers_figure import draw_layers, layers_data
from cosearch.report.network_svg import legend, network_svg
from cosearch.report.pareto_data import pareto_data
from cosearch.report.pareto_figure import draw_pareto
from cosearch.report.plots import draw
from cosearch.report.progress_figure import draw_progress, progress_data
from cosearch.report.run_data import RunData
from cosearch.report.theme import AREA_COLOURS, OTHER_COLOURS, div


def title(run: RunData) -> str:
    """Title of the page."""
    name = run.result.get("data", {}).get("name")
    return f"A network and its chip for {name}" if name else "A network and its chip"


def headline(run: RunData) -> str:
    """Title and the big numbers."""
    lead = (
        "Found together by Cosearch. Accuracy is measured; latency, energy and area of the chip "
        "are modelled."
        if run.finished
        else "This run is not finished: what follows is the state of its searches."
    )
    style = "lead" if run.finished else "lead unfinished"
    heading = tag("h1", escape(title(run))) + tag("p", lead, class_=style)
    return tag("header", heading + draw_cards(headline_cards(run)))


def joint_against_fixed(run: RunData) -> str:
    """Table of the two searches' ends."""
    if "fixed_accelerator" not in run.result:
        return ""
    fixed = run.result["fixed_accelerator"]
    name = plain(fixed.get("accelerator", {}).get("name"))
    taken_over = run.result.get("search", {}).get("taken_over", 0)
    start = f", starting from its {taken_over} best designs" if taken_over else ""
    rows = tables.comparison(run.result)
    header = ("", "joint search", "fixed accelerator", "difference")
    knobs = table(("knob", "joint", "fixed"), tables.choices(run.result), class_="small")
    return _section(
        "Joint search against a fixed accelerator",
        f"The same search, first on {name}, then free to shape the chip{start}.",
        table(header, rows, class_="compare") + _details("Choices of the two networks", knobs),
    )


def pareto_front(run: RunData) -> str:
    """All trials, accuracy, or the score in its place, against latency."""
    if not run.studies:
        return ""
    data, name = pareto_data(run), run.merit.name
    note = (
        "Every trial that can run. The front joins the feasible trials that no other beats in "
        f"both latency and {name}. The axes leave out the worst trials: double-click to see "
        "them all, drag to zoom."
    )
    if run.merit.score:
        note += f" {name} is a score of the untrained network: its order counts, not its value."
    note += " Stars mark the designs picked." if data["picked"] else ""
    if data["left_out"]:
        note += f" {data['left_out']:,} trials off the fronts are not drawn."
    heading = f"{name[0].upper()}{name[1:]} against latency"
    return _section(heading, note, div(draw_pareto(data), "pareto"))


def search_progress(run: RunData) -> str:
    """Best so far, trial by trial."""
    if not run.studies:
        return ""
    best = f"Best {run.merit.name} of a design within all limits."
    note = f"{best} Strips: coloured trials meet the limits."
    drawing = draw_progress(progress_data(run), run.merit)
    return _section("Search progress", note, div(drawing, "progress"))


def the_network(run: RunData) -> str:
    """The network drawn."""
    if "network" not in run.result:
        return ""
    network = Network.from_dict(run.result["network"])
    note = "In order of execution; dashed lines are shortcuts. Point at a box for its attributes."
    drawing = tag("div", network_svg(network), class_="scroll drawing")
    return _section("The network", note, _legend(legend(network)) + drawing)


def the_chip(run: RunData) -> str:
    """The chip drawn, and where its area goes."""
    if "accelerator" not in run.result:
        return ""
    result = run.result
    areas = result.get("area_breakdown_mm2", {})
    drawing = tag(
        "div",
        chip_svg(result["accelerator"], areas, result.get("area_mm2")),
        class_="scroll drawing",
    )
    note = "The array of processing elements, and one of them enlarged."
    return _section("The chip", note, drawing + _area_bar(areas))


def _area_bar(areas: dict[str, float]) -> str:
    total = sum(areas.values())
    if total <= 0:
        return ""
    others = cycle(OTHER_COLOURS)
    coloured = [(n, size, AREA_COLOURS.get(n) or next(others)) for n, size in areas.items()]
    bar = "".join(
        tag(
            "span",
            title=f"{name}: {area(size)}",
            style=f"width:{size / total:.2%};background:{colour}",
        )
        for name, size, colour in coloured
    )
    key = [(f"{name} {area(size)}, {size / total:.0%}", colour) for name, size, colour in coloured]
    return tag("h3", "Area") + tag("div", bar, class_="stack") + _legend(key)


def its_own_figures(run: RunData) -> str:
    """What the recipe describes as data."""
    plots = run.result.get("plots", [])
    return "\n".join(draw(plot, f"plot-{i}") for i, plot in enumerate(plots))


def time_by_layer(run: RunData) -> str:
    """Bars and table of the layers."""
    rows = run.result.get("layers")
    if not rows:
        return ""
    data = layers_data(rows)
    shares = ", ".join(f"{bound} {share:.0%}" for bound, share in data["shares"].items())
    note = f"{quantity(data['total_us'], 'time', 1e-6)} in all. What bounds it: {shares}."
    listing = table(tables.LAYER_HEADER, tables.layers(rows), class_="small")
    body = div(draw_layers(data), "layers") + _details(
        f"All {len(rows)} layers as a table", listing
    )
    return _section("Time by layer", note, body)


def measured_on_cpu(run: RunData) -> str:
    """Latencies measured here, on a machine that is not the chip."""
    data = run.result.get("measured")
    if not data:
        return ""
    where = ", ".join(str(data[key]) for key in ("cpu", "runtime") if data.get(key))
    threads = f", threads: {data['threads']}" if "threads" in data else ""
    note = f"The exported files on the machine that ran the search: {where}{threads}."
    listing = table(
        ("file", "median", "95% interval of the median"), tables.measured(data), class_="narrow"
    )
    return _section("Measured on this CPU", note, listing)


def do_it_again(run: RunData) -> str:
    """Command, seed, versions."""
    if not run.finished:
        return ""
    rows = table(("", ""), tables.reproducibility(run.result), class_="narrow bare")
    command = tag("pre", tag("code", escape(tables.command(run.result))))
    return _section("Do it again", "", command + rows)


SECTIONS: Final[tuple[Callable[[RunData], str], ...]] = (
    headline,
    joint_against_fixed,
    pareto_front,
    search_progress,
    its_own_figures,
    the_network,
    the_chip,
    time_by_layer,
    measured_on_cpu,
    do_it_again,
)


def _section(heading: str, note: str, body: str) -> str:
    words = tag("p", escape(note), class_="caption") if note else ""
    return tag("section", tag("h2", escape(heading)) + words + body)


def _details(summary: str, body: str) -> str:
    return tag("details", tag("summary", escape(summary)) + body)


def _legend(entries: Iterable[tuple[str, str]]) -> str:
    items = "".join(
        tag("li", tag("i", style=f"background:{colour}") + escape(name)) for name, colour in entries
    )
    return tag("ul", items, class_="legend")
