"""Run the experiments: `python -m experiments.apollo.runs --experiment single --plan`.

Runs on record are skipped, unless the code that they depend on has changed since. Stop it when you
like: what is lost are the runs in progress.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cosearch.errors import CosearchError
from cosearch.search import OPTIMIZERS
from experiments.apollo.fingerprint import fingerprint
from experiments.apollo.plan import EXPERIMENTS, seconds_of
from experiments.apollo.play import play
from experiments.apollo.records import RESULTS, Records
from experiments.apollo.run import Record, Run

_PILOT: Final = Path(__file__).parents[2] / "build" / "apollo-pilot"
_HEAD: Final = """| experiment | strategy | runs | to do | trials | core-minutes |
|---|---|--:|--:|--:|--:|"""
_ONE_THREAD: Final = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


def main(arguments: list[str] | None = None) -> None:
    """Plan, and unless that is all, play."""
    wanted = _parse(arguments)
    names = [name for name in EXPERIMENTS if name != "pilot"]
    if wanted.experiment != ["all"]:
        names = wanted.experiment
    folder = _PILOT if names == ["pilot"] else wanted.folder
    records = Records(folder)
    done = records.load()
    plan = {name: _wanted(name, wanted) for name in names}
    todo = list(dict.fromkeys(_missing(chain.from_iterable(plan.values()), done)))
    print(_table(plan, todo, [*done.values(), *Records(_PILOT).load().values()]))
    if not wanted.plan:
        _play_all(todo, records, wanted.workers, 60 * wanted.limit_minutes)


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


# ---- the plan


def _table(plan: Mapping[str, list[Run]], todo: list[Run], known: list[Record]) -> str:
    """A line per experiment and strategy: runs to do of all, and the minutes of one core."""
    missing = set(todo)
    lines = [
        "| experiment | strategy | runs | to do | trials | core-minutes |",
        "|---|---|--:|--:|--:|--:|",
    ]
    total = 0.0
    for name, runs in plan.items():
        for strategy in dict.fromkeys(run.strategy for run in runs):
            mine = [run for run in runs if run.strategy == strategy]
            left = [run for run in mine if run in missing]
            minutes = sum(seconds_of(run, known) for run in left) / 60
            total += minutes
            cells = [len(mine), len(left), f"{mine[0].trials:,}", f"{minutes:.1f}"]
            lines.append(f"| {name} | {strategy} | " + " | ".join(map(str, cells)) + " |")
    lines.append(f"| all | | | {len(todo)} | | {total:.0f} |")
    return "\n".join(lines)


# ---- the runs


def _play_all(todo: list[Run], records: Records, workers: int, limit_s: float) -> None:
    """Start no run after the limit; keep each as it ends."""
    deadline = time.monotonic() + limit_s
    failures: dict[str, str] = {}
    with _progress() as bar:
        task = bar.add_task("", total=len(todo))

        def ended(run: Run, future: Future[Record]) -> None:
            try:
                records.add(future.result())
            except CosearchError as error:
                failures[run.strategy] = str(error)
            bar.update(task, advance=1, description=f"{run.strategy} {run.workload}")

        waiting = (run for run in todo if time.monotonic() < deadline)
        if workers == 1:
            _here(waiting, failures, ended)
        else:
            _apart(waiting, failures, ended, workers)
    for strategy, message in failures.items():
        print(f"{strategy}: {message}")


Ended = Callable[[Run, "Future[Record]"], None]


def _here(waiting: Iterator[Run], failures: Mapping[str, str], ended: Ended) -> None:
    for run in waiting:
        if run.strategy in failures:
            continue
        future: Future[Record] = Future()
        try:
            future.set_result(play(run, fingerprint(run)))
        except CosearchError as error:
            future.set_exception(error)
        ended(run, future)


def _apart(waiting: Iterator[Run], failures: Mapping[str, str], ended: Ended, workers: int) -> None:
    """One thread a process; no more runs are handed out than are played."""
    os.environ.update(_ONE_THREAD)  # the processes inherit it, and load their libraries anew
    waiting = (run for run in waiting if run.strategy not in failures)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        playing: dict[Future[Record], Run] = {}
        while True:
            for run in islice(waiting, workers - len(playing)):
                playing[pool.submit(play, run, fingerprint(run))] = run
            if not playing:
                return
            for future in wait(playing, return_when=FIRST_COMPLETED).done:
                ended(playing.pop(future), future)


def _progress() -> Progress:
    return Progress(
        BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}")
    )


if __name__ == "__main__":
    main()
