"""The page about the certified joint optimum, from its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def write_page(found: Mapping[str, Any], path: Path) -> None:
    """Markdown; nothing in it is typed by hand."""
    path.write_text("\n".join(_lines(found)) + "\n", encoding="utf-8")


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    best, limits, seconds = found["optimum"], found["limits"], found["seconds"]
    yield "# The joint optimum, for certain"
    yield ""
    yield (
        "Network and accelerator together, without training: the 6,561 networks of NAS-Bench-Macro "
        "(CIFAR-10 test accuracy, mean of three seeds) on the 452,760,000 accelerators of Apollo, "
        f"{found['designs']:,} designs. Accuracy first, then latency, within "
        f"{limits['area_mm2']:g} mm2 and {limits['latency_s'] * 1e6:g} µs, a latency that some "
        f"accelerator so small reaches for {found['networks_that_can']:,} of the networks. Made by "
        "`python -m experiments.joint_exact`."
    )
    yield ""
    yield (
        f"The optimum: {best['accuracy']:.4%} in {best['latency_s'] * 1e6:.4f} µs on "
        f"{best['area_mm2']:.3f} mm2. No design is better: every other is ruled out by a bound or "
        "by its own figure. The model itself, asked about the optimum and the front, differs by "
        f"{found['model_difference']:.1g} at most."
    )
    yield ""
    yield "| certified | elapsed (s) | processor time (s) |"
    yield "|---|---|---|"
    yield f"| the optimum | {seconds['optimum'][0]} | {seconds['optimum'][1]} |"
    front = f"the whole front of accuracy and latency, {len(found['front'])} designs"
    yield f"| {front} | {seconds['front'][0]} | {seconds['front'][1]} |"
    yield ""
    yield f"Tables included, {seconds['workers']} threads; the machine was shared with other work."
    yield ""
    yield "## How soon a search finds it"
    yield ""
    yield (
        "A trial is an accuracy asked for. Proposals are screened by the cost model before that, "
        "as in every study. Median over seeds; in brackets, runs that got there."
    )
    yield ""
    yield "| strategy | batch | trials to the best accuracy | trials to the optimum | at most |"
    yield "|---|---|---|---|---|"
    for name, row in sorted(found["strategies"].items(), key=lambda item: _rank(item[1])):
        cells = (_cell(row, "accuracy"), _cell(row, "optimum"), f"{row['most_trials']:,}")
        yield f"| `{name}` | {row['batch']} | {' | '.join(cells)} |"
    yield ""
    yield "## The front within the area"
    yield ""
    yield "| accuracy | latency (µs) | area (mm2) |"
    yield "|---|---|---|"
    for row in found["front"]:
        yield f"| {row['accuracy']:.3%} | {row['latency_us']:.4f} | {row['area_mm2']:.3f} |"


def _cell(row: Mapping[str, Any], what: str) -> str:
    runs, median = row["runs"], row[f"median_{what}"]
    got = sum(run[what] is not None for run in runs)
    shown = "not reached" if median is None else f"{median:,}"
    return f"{shown} ({got} of {len(runs)})"


def _rank(row: Mapping[str, Any]) -> tuple[float, float]:
    medians = (row["median_optimum"], row["median_accuracy"])
    return tuple(float("inf") if m is None else float(m) for m in medians)  # type: ignore[return-value]
