"""Run the experiments: `python -m experiments.apollo.runs --experiment single --plan`.

Runs on record are skipped, unless the code that they depend on has changed since. Stop it when you
like: what is lost are the runs in progress.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from cosearch.search import OPTIMIZERS
from experiments.apollo.fingerprint import fingerprint
from experiments.apollo.markdown import table
from experiments.apollo.plan import EXPERIMENTS, seconds_of
from experiments.apollo.pool import play_all
from experiments.apollo.records import RESULTS, Records
from experiments.apollo.run import Record, Run

_PILOT: Final = Path(__file__).parents[2] / "build" / "apollo-pilot"


def main(arguments: list[str] | None = None) -> None:
    """Plan, and unless that is all, play."""
    wanted = _parse(arguments)
    names = [name for name in EXPERIMENTS if name != "pilot"]
    if wanted.experiment != ["all"]:
        names = wanted.experiment
    records = Records(_PILOT if names == ["pilot"] else wanted.folder)
    done = records.load()
    plan = {name: _wanted(name, wanted) for name in names}
    todo = list(dict.fromkeys(_missing(chain.from_iterable(plan.values()), done)))
    todo.sort(key=lambda run: run.seed)  # so that what is there at any time is balanced
    print(_table(plan, todo, [*done.values(), *Records(_PILOT).load().values()]))
    if not wanted.plan:
        failures = play_all(todo, records, wanted.workers, 60 * wanted.limit_minutes)
        if failures:
            sys.exit("\n".join(f"{name}: {message}" for name, message in failures.items()))


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    choices = [*EXPERIMENTS, "all"]
    parser.add_argument("--experiment", nargs="+", choices=choices, default=["all"])
    parser.add_argument("--strategies", nargs="+", default=[], choices=sorted(OPTIMIZERS))
    parser.add_argument("--workloads", nargs="+", default=[], help="M1 to M7, all; else every one")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=None, help="at most so many a run")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit-minutes", type=float, default=float("inf"))
    parser.add_argument("--folder", type=Path, default=RESULTS)
    parser.add_argument("--plan", action="store_true", help="only say what would be run")
    return parser.parse_args(arguments)


def _wanted(name: str, wanted: argparse.Namespace) -> list[Run]:
    """Runs of one experiment whose strategies there are."""
    runs = EXPERIMENTS[name].runs(wanted.strategies, wanted.seeds, wanted.trials)
    known = (run for run in runs if run.strategy in OPTIMIZERS)
    return [run for run in known if not wanted.workloads or run.workload in wanted.workloads]


def _missing(runs: Iterable[Run], done: Mapping[Run, Record]) -> Iterator[Run]:
    """Not on record, too short there, or made by other code."""
    for run in runs:
        record = done.get(run)
        if record is None or record.run.trials < run.trials or record.code != fingerprint(run):
            yield run


def _table(plan: Mapping[str, list[Run]], todo: list[Run], known: list[Record]) -> str:
    """A line per experiment and strategy. Runs of two experiments count in the first."""
    missing = set(todo)
    lines, total = [], 0.0
    for name, runs in plan.items():
        for strategy in dict.fromkeys(run.strategy for run in runs):
            mine = [run for run in runs if run.strategy == strategy]
            left = missing & set(mine)
            missing -= left
            minutes = sum(seconds_of(run, known) for run in left) / 60
            total += float(np.nan_to_num(minutes))
            cells = [len(mine), len(left), f"{mine[0].trials:,}", _minutes(minutes)]
            lines.append([name, strategy, *map(str, cells)])
    lines.append(["all", "", "", str(len(todo)), "", _minutes(total)])
    header = ["experiment", "strategy", "runs", "to do", "trials", "core-minutes"]
    return table(header, lines, words=2)


def _minutes(minutes: float) -> str:
    return "not timed" if np.isnan(minutes) else f"{minutes:.1f}"


if __name__ == "__main__":
    main()
