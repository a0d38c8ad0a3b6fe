"""Ours beside outside optimizers, and beside random search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from experiments.apollo.markdown import NOTHING, p_value, regret, table
from experiments.apollo.plan import OURS, OUTSIDE
from experiments.apollo.results import Place, Results, middle
from experiments.apollo.significance import ALPHA, Comparison, compare, holm
from experiments.apollo.workloads import AREAS_MM2, WORKLOADS

BUDGETS: Final = (64, 256, 1024, 4096)  # trials
ENOUGH: Final = 6  # workloads of seven


def medians(
    runs: Results, names: Sequence[str], trials: int, *, shorter: bool = False
) -> dict[str, dict[Place, float]]:
    """Median regret by strategy and place, where there are runs that long, or `shorter` ones."""
    found: dict[str, dict[Place, float]] = {}
    for name in names:
        mine = runs.by(name)
        by_place = {
            place: middle(mine.at(place).regrets(trials, shorter=shorter)) for place in mine.places
        }
        found[name] = {place: value for place, value in by_place.items() if not np.isnan(value)}
    return found


def best(of: dict[str, dict[Place, float]]) -> dict[Place, float]:
    """The least of all strategies at each place."""
    places = {place for each in of.values() for place in each}
    return {place: min(each[place] for each in of.values() if place in each) for place in places}


def wins_table(runs: Results) -> str:
    """On how many workloads the best of ours has lower median regret, by area and trials."""
    header = ["", *(f"{trials:,} trials" for trials in BUDGETS), f"at least {ENOUGH} everywhere"]
    rivals = [name for name in OUTSIDE if name in runs.strategies]
    return table(header, [_wins(runs, rival) for rival in rivals])


def _wins(runs: Results, rival: str) -> list[str]:
    """Of the workloads, at the three areas; a tie is no win.

    A study of ours that was shorter counts as it ended: longer, it would be no worse.
    """
    cells, enough = [], []
    for trials in BUDGETS:
        theirs = medians(runs, [rival], trials)[rival]
        mine = best(medians(runs, OURS, trials, shorter=True))
        counts = []
        for area in AREAS_MM2:
            places = [(w, area) for w in WORKLOADS if {(w, area)} <= mine.keys() & theirs.keys()]
            counts.append((sum(mine[p] < theirs[p] for p in places), len(places)))
        ran = [count for count in counts if count[1]]
        cells.append(", ".join(f"{won}/{of}" for won, of in ran) or NOTHING)
        enough += [won >= ENOUGH * of / len(WORKLOADS) for won, of in ran]
    return [f"`{rival}`", *cells, "yes" if all(enough) and enough else "no"]


def anytime_table(runs: Results) -> str:
    """Median regret over all runs: everybody, side by side."""
    lines = []
    for name in (*OURS, *OUTSIDE):
        mine = runs.by(name)
        if mine.records:
            cells = [regret(middle(mine.regrets(trials))) for trials in BUDGETS]
            lines.append([f"`{name}`", "ours" if name in OURS else "outside", *cells])
    return table(["strategy", "whose", *(f"{trials:,}" for trials in BUDGETS)], lines, words=2)


def outside_table(runs: Results) -> str:
    """Which of ours are better and which worse than each rival, all tests corrected together."""
    mine = [name for name in OURS if name in runs.strategies]
    rivals = [name for name in OUTSIDE if name in runs.strategies]
    questions = [(rival, trials) for rival in rivals for trials in BUDGETS]
    pairs = [(name, *question) for question in questions for name in mine]
    better = dict(zip(pairs, _tested(runs, pairs, forward=True), strict=True))
    worse = dict(zip(pairs, _tested(runs, pairs, forward=False), strict=True))
    lines = []
    for rival, trials in questions:
        won = [name for name in mine if better[name, rival, trials] < ALPHA]
        lost = [name for name in mine if worse[name, rival, trials] < ALPHA]
        if runs.by(rival).latencies(trials):
            lines.append([f"`{rival}`", f"{trials:,}", _named(won), _named(lost)])
    return table(["rival", "trials", "better", "worse"], lines, words=4)


def _tested(runs: Results, pairs: Sequence[tuple[str, str, int]], *, forward: bool) -> list[float]:
    """Corrected p-values that the first of a pair is lower, or higher."""
    found = []
    for name, rival, trials in pairs:
        both = [runs.by(each).latencies(trials) for each in (name, rival)]
        found.append(compare(*(both if forward else both[::-1])).p)
    return holm(found)


def beats_random_table(runs: Results) -> str:
    """Every strategy against random search: pairs won, tied, lost, and the corrected p-value."""
    names = [name for name in OURS if name in runs.strategies and name != "random"]
    found = [
        compare(runs.by(name).latencies(trials), runs.by("random").latencies(trials))
        for name in names
        for trials in BUDGETS
    ]
    p = holm([each.p for each in found])
    cells = [_against(each, value) for each, value in zip(found, p, strict=True)]
    k = len(BUDGETS)
    lines = [[f"`{name}`", *cells[k * i : k * (i + 1)]] for i, name in enumerate(names)]
    return table(["strategy", *(f"{trials:,}" for trials in BUDGETS)], lines)


def _against(found: Comparison, p: float) -> str:
    if not found.lower + found.equal + found.higher:
        return NOTHING
    return f"{found.lower}, {found.equal}, {found.higher}; {p_value(p)}"


def _named(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or NOTHING
