"""What strategies find on one workload or all: regret, trials to a goal, time."""

from __future__ import annotations

from typing import Final

import numpy as np

from experiments.apollo.markdown import NOTHING, percent, regret, table, trials
from experiments.apollo.optima import Optima
from experiments.apollo.plan import OURS, OUTSIDE
from experiments.apollo.results import Results, middle
from experiments.apollo.run import MARKS
from experiments.apollo.workloads import AREAS_MM2, WORKLOADS

_AFTER: Final = 512  # trials


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
