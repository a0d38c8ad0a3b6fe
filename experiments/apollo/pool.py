"""Play runs here or in several processes, and keep each as it ends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import get_context
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from experiments.apollo.fingerprint import fingerprint
from experiments.apollo.play import play
from experiments.apollo.records import Records
from experiments.apollo.run import Record, Run

_ONE_THREAD: Final = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}

Ended = Callable[[Run, "Future[Record]"], None]


def play_all(todo: Sequence[Run], records: Records, workers: int, limit_s: float) -> dict[str, str]:
    """Start no run after the limit. Returns why strategies could not run; the others go on."""
    deadline = time.monotonic() + limit_s
    failures: dict[str, str] = {}
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.description}")) as bar:
        task = bar.add_task("", total=len(todo))

        def ended(run: Run, future: Future[Record]) -> None:
            try:
                records.add(future.result())
            except Exception as error:  # one strategy's must not end the night of the others
                failures[run.strategy] = f"{type(error).__name__} in {run}: {error}"
            bar.update(task, advance=1, description=f"{run.strategy} {run.workload}")

        in_time = (run for run in todo if time.monotonic() < deadline)
        able = (run for run in in_time if run.strategy not in failures)
        if workers == 1:
            _here(able, ended)
        else:
            _apart(able, ended, workers)
    return failures


def _here(waiting: Iterator[Run], ended: Ended) -> None:
    for run in waiting:
        future: Future[Record] = Future()
        try:
            future.set_result(play(run, fingerprint(run)))
        except Exception as error:
            future.set_exception(error)
        ended(run, future)


def _apart(waiting: Iterator[Run], ended: Ended, workers: int) -> None:
    """One thread a process; no more runs are handed out than are played."""
    os.environ.update(_ONE_THREAD)  # the processes inherit it, and load their libraries anew
    playing: dict[Future[Record], Run] = {}
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        while True:
            for run in islice(waiting, workers - len(playing)):
                playing[pool.submit(play, run, fingerprint(run))] = run
            if not playing:
                return
            for future in wait(playing, return_when=FIRST_COMPLETED).done:
                ended(playing.pop(future), future)
