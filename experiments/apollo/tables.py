"""The page of results, from the records alone: `python -m experiments.apollo.tables`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np

from experiments.apollo import figures
from experiments.apollo.claims import claims_table
from experiments.apollo.field import anytime_table, beats_random_table, outside_table, wins_table
from experiments.apollo.markdown import NOTHING, percent, regret, table, trials
from experiments.apollo.optima import Optima
from experiments.apollo.plan import (
    LEAST_MM2,
    MOST_MM2,
    OURS,
    OUTSIDE,
    TIGHT_MM2,
    TIGHT_SOURCE_MM2,
)
from experiments.apollo.records import RESULTS
from experiments.apollo.results import Results, middle
from experiments.apollo.run import ALL, BATCH, MARKS
from experiments.apollo.transfer import TAUGHT, TEACHER
from experiments.apollo.transfer_tables import reached_table, transfer_table
from experiments.apollo.workloads import AREAS_MM2, WORKLOADS

_TEMPLATE: Final = Path(__file__).parent / "page.md"
_AFTER: Final = 512


def main() -> None:
    """The page and its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, default=RESULTS.with_suffix(".md"))
    arguments = parser.parse_args()
    results = Results.load(arguments.folder)
    drawn = figures.write(results, arguments.folder)
    arguments.page.write_text(page(results, drawn))


def page(results: Results, drawn: Iterable[str]) -> str:
    """The template filled in."""
    text = _TEMPLATE.read_text()
    pictures = {name: f"![{_ALT[name]}](apollo/{name})" for name in drawn}
    parts = _numbers(results) | _tables(results)
    parts |= {f"figure {Path(name).stem}": pictures.get(name, "") for name in _ALT}
    for name, part in parts.items():
        text = text.replace("{{" + name + "}}", part)
    return text


_ALT: Final = {
    "single.svg": "Regret by trials for seven workloads and three areas, strategies of ours",
    "field.svg": "Regret by trials for seven workloads and three areas, beside outside optimizers",
    "multi.svg": "Regret by trials for all seven workloads at once",
    "transfer.svg": "Regret by trials without and with transfer",
}


def _numbers(results: Results) -> dict[str, str]:
    """What the prose states."""
    shares = [results.optima.get((next(iter(WORKLOADS)), area)) for area in (*AREAS_MM2, TIGHT_MM2)]
    said = [NOTHING if each is None else percent(each.share) for each in shares]
    return {
        "shares": ", ".join(said[:2]) + " and " + said[2],
        "tight share": said[3],
        "tight area": f"{TIGHT_MM2:g}",
        "tight source": f"{TIGHT_SOURCE_MM2:g}",
        "areas": ", ".join(f"{area:g}" for area in AREAS_MM2),
        "least": f"{LEAST_MM2:g}",
        "most": f"{MOST_MM2:g}",
        "batch": str(BATCH),
        "teacher": TEACHER,
        "taught": f"{TAUGHT:,}",
    }


def _tables(results: Results) -> dict[str, str]:
    told = results.where("violations", areas=AREAS_MM2)
    mine = results.where("violations", areas=AREAS_MM2, strategies=OURS)
    everything = results.where("violations", areas=AREAS_MM2, workloads=[ALL], strategies=OURS)
    wide = {"areas": AREAS_MM2, "strategies": OURS}
    return {
        "workloads": table(["workload", "network"], WORKLOADS.items(), words=2),
        "optima": optima_table(results.optima),
        "single": strategies_table(mine),
        "places": places_table(mine),
        "reached": reached_table(results),
        "wins": wins_table(told),
        "outside": outside_table(told),
        "anytime": anytime_table(told),
        "random": beats_random_table(mine),
        "multi": strategies_table(everything),
        "zero": strategies_table(results.where("zero", **wide)),
        "known": strategies_table(results.where("known", **wide)),
        "transfer": transfer_table(results, "violations", LEAST_MM2, "area"),
        "transfer zero": transfer_table(results, "zero", LEAST_MM2, "area"),
        "between": transfer_table(results, "violations", LEAST_MM2, "workload"),
        "tight": transfer_table(results, "zero", TIGHT_MM2, "area"),
        "claims": claims_table(results),
        "seconds": seconds_table(told),
    }


def optima_table(optima: Optima) -> str:
    """Latency in microseconds by workload and area; the last line says how many designs fit."""
    if not optima:
        return ""
    areas = sorted({area for _, area in optima}, reverse=True)
    lines = []
    for workload in sorted(
        {workload for workload, _ in optima}, key=lambda name: (len(name), name)
    ):
        cells = [f"{optima[workload, area].optimum_us:,.2f}" for area in areas]
        lines.append([workload, *cells])
    within = [f"{optima[lines[0][0], area].designs_within:,}" for area in areas]
    header = ["optimum in µs within", *(f"{area:g} mm²" for area in areas)]
    return table(header, [*lines, ["designs within", *within]])


def strategies_table(runs: Results) -> str:
    """A line per strategy, the least median regret after 512 trials first."""
    header = ["strategy", "runs", *(f"{mark:,}" for mark in MARKS)]
    header += ["to 5 %", "never", "to 1 %", "never", "nothing feasible"]
    by = {name: runs.by(name) for name in runs.strategies}
    order = sorted(by, key=lambda name: (middle(by[name].regrets(_AFTER)), name))
    return table(header, [_strategy(name, by[name]) for name in order])


def _strategy(name: str, runs: Results) -> list[str]:
    cells = [regret(middle(runs.regrets(mark))) for mark in MARKS]
    for goal in (0.05, 0.01):
        needed = runs.trials_to(goal)
        cells += [trials(middle(needed)), percent(float(np.isinf(needed).mean()))]
    return [f"`{name}`", str(len(runs.records)), *cells, percent(runs.never_feasible())]


def places_table(runs: Results) -> str:
    """Median regret after 512 trials of every strategy on every workload, over all areas."""
    names = [name for name in OURS if name in runs.strategies]
    lines = []
    for workload in WORKLOADS:
        for area in AREAS_MM2:
            here = runs.at((workload, area))
            cells = [regret(middle(here.by(name).regrets(_AFTER))) for name in names]
            lines.append([f"{workload}, {area:g} mm²", *cells])
    return table(["", *(f"`{name}`" for name in names)], lines)


def seconds_table(runs: Results) -> str:
    """Milliseconds a trial, asking and telling, by the length of the study."""
    marks = (64, 256, 1024, 4096)
    lines = []
    for name in (*OURS, *OUTSIDE):
        mine = runs.by(name)
        if mine.records:
            cells = [1e3 * middle(mine.seconds(mark)) / mark for mark in marks]
            lines.append([f"`{name}`", *(NOTHING if np.isnan(c) else f"{c:.3g}" for c in cells)])
    return table(["strategy", *(f"{mark:,}" for mark in marks)], lines)


if __name__ == "__main__":
    main()
