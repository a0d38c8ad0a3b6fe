"""Play one run: ask, evaluate, tell; keep the improvements and the clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from numpy import ndarray

from cosearch.search import Optimizer, make_optimizer
from experiments.apollo.chips import FAMILY, Chips
from experiments.apollo.run import BATCH, MARKS, Record, Run, networks, rounded_us
from experiments.apollo.telling import TELLINGS, excess
from experiments.apollo.transfer import known_before, prepare

# Part of every fingerprint. Raise it when what is asked or told changes: all runs are then redone.
PROTOCOL: Final = 1


# Nevergrad chooses what it does by the length of the study, and asks for it.
OPTIONS: Final[Mapping[str, Callable[[Run], Mapping[str, Any]]]] = {
    "nevergrad": lambda run: {"budget": run.trials, "workers": BATCH},
}


class Clock:
    """Seconds of one core spent inside `running`: other work on the machine does not count."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time of this block."""
        start = time.process_time()
        yield
        self.seconds += time.process_time() - start


def play(run: Run, code: str) -> Record:
    """The whole run; the same for the same seed wherever it runs, but for the seconds."""
    chips, tell = Chips.of(*networks(run.workload)), TELLINGS[run.telling]
    clock, seconds = Clock(), {}
    best_us = rounded_us(known_before(run, chips))
    improvements = [(0, best_us)] if np.isfinite(best_us) else []
    with clock.running():
        optimizer = _optimizer(run, chips)
    for done in range(BATCH, run.trials + 1, BATCH):
        with clock.running():
            genomes = optimizer.ask(BATCH)
        latency_s, area_mm2 = chips.evaluate(genomes)
        with clock.running():
            optimizer.tell(genomes, *tell(latency_s, area_mm2, run.area_mm2))
        found_us = rounded_us(latency_s[area_mm2 <= run.area_mm2].min(initial=np.inf))
        if found_us < best_us:
            best_us = found_us
            improvements.append((done, best_us))
        if done in MARKS:
            seconds[done] = clock.seconds
    return Record(run, code, tuple(improvements), seconds)


def _optimizer(run: Run, chips: Chips) -> Optimizer:
    """Made for the run, and told what is known before it."""
    known = None
    if run.telling == "known":

        def known(genomes: ndarray) -> ndarray:
            return excess(chips.area_mm2(genomes), run.area_mm2)

    rng = np.random.default_rng([run.seed, PROTOCOL])
    options = OPTIONS[run.strategy](run) if run.strategy in OPTIONS else {}
    optimizer = make_optimizer(run.strategy, FAMILY.space, rng, excess=known, **options)
    return prepare(optimizer, run, chips) if run.source else optimizer
