"""Regret curves from the records: `python -m experiments.apollo.figures`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from experiments.apollo.curves_svg import Curve, Style, draw
from experiments.apollo.plan import LEAST_MM2, MOST_MM2, OUTSIDE
from experiments.apollo.records import RESULTS
from experiments.apollo.results import Results, middle
from experiments.apollo.run import ALL, BATCH, MARKS
from experiments.apollo.workloads import AREAS_MM2, WORKLOADS

_COLOURS: Final[Mapping[str, str]] = {
    "random": "#8a8f9c",
    "quasi-random": "#c0c4cd",
    "evolution": "#7fb069",
    "genetic": "#2f7d32",
    "nsga2": "#a5d6a7",
    "differential": "#c6a700",
    "reinforce": "#c58af9",
    "ppo": "#8e24aa",
    "mbo": "#f2a33a",
    "p3bo": "#d7443e",
    "adaptive-p3bo": "#7a1f1b",
    "gp": "#2f5bea",
    "nevergrad": "#00897b",
    "optuna-cma-es": "#ef6c00",
    "optuna-nsga2": "#9ccc65",
    "optuna-tpe": "#ad1457",
    "optuna-gp": "#4dd0e1",
}
_QUARTILES: Final = (0.25, 0.5, 0.75)
_WITHOUT: Final = "no transfer"
_WITH: Final = f"from {MOST_MM2:g} mm²"
_CHOSEN_AFTER: Final = 512  # trials, the best of ours
_TRANSFERRED: Final = 256  # trials shown
_DASHES: Final = "4 3"


def main() -> None:
    """All figures that there are records for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=RESULTS)
    folder = parser.parse_args().folder
    for name in write(Results.load(folder), folder):
        print(name)


def write(results: Results, folder: Path) -> list[str]:
    """Names of the files written."""
    written = []
    for name, make in FIGURES.items():
        picture = make(results)
        if picture is not None:
            (folder / f"{name}.svg").write_text(picture + "\n")
            written.append(f"{name}.svg")
    return written


def ours(results: Results) -> str | None:
    """A panel per workload and area, all strategies of ours."""
    runs = results.where("violations", areas=AREAS_MM2)
    return _grid(runs, [name for name in _COLOURS if name not in OUTSIDE], "one workload, ours")


def field(results: Results) -> str | None:
    """The outside optimizers, random and the best three of ours after 512 trials."""
    runs = results.where("violations", areas=AREAS_MM2)
    outside = [name for name in runs.strategies if name in OUTSIDE]
    mine = [name for name in runs.strategies if name not in OUTSIDE]
    if not outside:
        return None
    after = {name: middle(runs.by(name).regrets(_CHOSEN_AFTER)) for name in mine}
    best = sorted(mine, key=lambda name: np.nan_to_num(after[name], nan=np.inf))[:3]
    chosen = {*outside, *best, "random"}
    return _grid(runs, [name for name in _COLOURS if name in chosen], "one workload, the field")


def multi(results: Results) -> str | None:
    """A panel per area, all workloads at once."""
    runs = results.where("violations", areas=AREAS_MM2, workloads=[ALL])
    return _grid(runs, list(_COLOURS), "all workloads at once", [ALL])


def transfer(results: Results) -> str | None:
    """A panel per strategy, over all workloads: without transfer, and with it."""
    kinds = {
        name: results.where("violations", areas=[LEAST_MM2], source=source)
        for name, source in ((_WITHOUT, "none"), (_WITH, "area"))
    }
    names = [name for name in _COLOURS if name in kinds[_WITH].strategies]
    panels = [
        (name, [_curve(label, runs.by(name), _TRANSFERRED) for label, runs in kinds.items()])
        for name in names
        if kinds[_WITHOUT].by(name).records
    ]
    rows = [panels[i : i + 3] for i in range(0, len(panels), 3)]
    styles = {_WITHOUT: Style("#8a8f9c", _DASHES), _WITH: Style("#2f5bea")}
    return draw(rows, styles, _TRANSFERRED, "regret without and with transfer") if rows else None


FIGURES: Final[Mapping[str, Callable[[Results], str | None]]] = {
    "single": ours,
    "field": field,
    "multi": multi,
    "transfer": transfer,
}


def _grid(
    runs: Results, names: Iterable[str], title: str, workloads: Iterable[str] = tuple(WORKLOADS)
) -> str | None:
    shown = [name for name in names if name in runs.strategies]
    if not shown:
        return None
    panels = [
        [
            (f"{workload}, {area:g} mm²", _curves(runs.at((workload, area)), shown))
            for area in AREAS_MM2
        ]
        for workload in workloads
    ]
    styles = {name: Style(_COLOURS[name], _DASHES if name in OUTSIDE else None) for name in shown}
    return draw(panels, styles, MARKS[-1], title)


def _curves(runs: Results, names: Iterable[str]) -> list[Curve]:
    return [_curve(name, runs.by(name), MARKS[-1]) for name in names if runs.by(name).records]


def _curve(label: str, runs: Results, most: int) -> Curve:
    """At some thirty numbers of trials, as far as the shortest run goes."""
    last = min(most, *(record.run.trials for record in runs.records))
    steps = np.geomspace(BATCH, last, 30) / BATCH
    trials = BATCH * np.unique(np.round(steps)).astype(int)
    regrets = [runs.regrets(int(at)) for at in trials]
    quartiles = [np.quantile(each, _QUARTILES, method="higher") for each in regrets]
    return Curve(label, trials, np.array(quartiles).T)


if __name__ == "__main__":
    main()
