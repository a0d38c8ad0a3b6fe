"""Where accuracies are worked out: in this process, or in a pool of processes."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.accuracy import Accuracy


@contextmanager
def spread(accuracy: Accuracy, workers: int) -> Iterator[Accuracy]:
    """The same accuracy, its rows shared out over `workers` processes. Same figures either way.

    Processes are spawned, not forked: torch and numba keep threads that do not survive a fork.
    """
    if workers <= 1:
        yield accuracy
        return
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_start, initargs=(accuracy,)
    )
    try:
        yield _Pooled(accuracy.price, pool, workers)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


class _Pooled:
    def __init__(self, price: str, pool: ProcessPoolExecutor, workers: int) -> None:
        self.price = price
        self._pool = pool
        self._workers = workers

    def __call__(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        parts = np.array_split(genomes, min(len(genomes), 2 * self._workers))
        return np.concatenate(list(self._pool.map(_work, parts)))


_accuracy: Any = None  # one per worker process, set once when it starts


def _start(accuracy: Accuracy) -> None:
    global _accuracy
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the run, and says so
    _accuracy = accuracy


def _work(genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
    return np.asarray(_accuracy(genomes))
