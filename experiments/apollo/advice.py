"""Which strategy for how many trials: the figures in the page of advice, between two marks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from experiments.apollo.markdown import NOTHING, percent, regret, table
from experiments.apollo.plan import OURS
from experiments.apollo.results import Results, middle
from experiments.apollo.run import MARKS
from experiments.apollo.workloads import AREAS_MM2, WORKLOADS

PAGE: Final = Path(__file__).parents[2] / "docs" / "how-to" / "choose-optimizer.md"
BEGIN: Final = "<!-- figures: make apollo-page -->"
END: Final = "<!-- end of figures -->"
_BEST: Final = 3
_PLACES: Final = len(WORKLOADS) * len(AREAS_MM2)
_GOAL: Final = 0.01


def write(results: Results, page: Path = PAGE) -> None:
    """Put today's table between the marks; nothing else of the page changes."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{advice_table(results)}\n\n{END}{after}")


def advice_table(results: Results) -> str:
    """By number of trials: the best strategies where the limit is learned, and where it is known.

    Of those that ran on every workload and area. In a cell: median regret over all runs, share of
    runs within 1 %.
    """
    kinds = [
        results.where(telling, areas=AREAS_MM2, strategies=OURS)
        for telling in ("violations", "known")
    ]
    lines = []
    for mark in MARKS:
        columns = [_best(runs, mark) for runs in kinds]
        for place in range(max(map(len, columns))):
            cells = [column[place] if place < len(column) else NOTHING for column in columns]
            lines.append([f"{mark:,}" if place == 0 else "", *cells])
    return table(["trials", "a limit to be learned", "a limit known beforehand"], lines, words=3)


def _best(runs: Results, trials: int) -> list[str]:
    """The three of least median regret, as text."""
    found = []
    for name in runs.strategies:
        mine = runs.by(name)
        regrets = mine.regrets(trials)
        if len(mine.places) == _PLACES and len(regrets):
            share = float(np.mean(regrets <= _GOAL))
            found.append((middle(regrets), -share, name))
    return [
        f"`{name}` {regret(least)}, {percent(-share)} of runs"
        for least, share, name in sorted(found)[:_BEST]
    ]
