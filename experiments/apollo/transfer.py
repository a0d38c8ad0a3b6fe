"""Trials of another problem, brought to a run before it starts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search import Optimizer, Prior, make_optimizer, ranks, transferred
from experiments.apollo.chips import FAMILY, Chips
from experiments.apollo.run import BATCH, Run, networks
from experiments.apollo.telling import TELLINGS
from experiments.apollo.workloads import WORKLOADS

# Every strategy is given the same trials, so that they differ in what they make of them only. The
# teacher is told violations, whatever the pupil is told: a study that failed teaches nothing.
TEACHER: Final = "genetic"
TAUGHT: Final = 1024
_TEACHER_TOLD: Final = "violations"
_OTHER_SEEDS: Final = 1_000_000  # so that no run continues the stream of its own source


@dataclass(frozen=True)
class Trials:
    """Distinct designs with their figures."""

    genomes: Int[ndarray, "n d"]
    latency_s: Float[ndarray, " n"]
    area_mm2: Float[ndarray, " n"]


def prepare(optimizer: Optimizer, run: Run, chips: Chips) -> Optimizer:
    """The optimizer that knows the trials of the run's source.

    Another limit on the same workload: the trials are facts of this problem, and are told, their
    violations judged anew, the worst first so that what ages loses those. Another workload: they
    are a prior.
    """
    tell, limit_mm2 = TELLINGS[run.telling], run.area_mm2
    if run.source in WORKLOADS:
        there = study(networks(run.source), limit_mm2, run.seed)
        told = tell(there.latency_s, there.area_mm2, limit_mm2)
        return transferred(optimizer, Prior(there.genomes, *told))
    there = study(chips.names, float(run.source), run.seed)
    losses, violations = tell(there.latency_s, there.area_mm2, limit_mm2)
    order = np.argsort(-ranks(losses, violations), kind="stable")
    optimizer.tell(there.genomes[order], losses[order], violations[order])
    return optimizer


def known_before(run: Run, chips: Chips) -> float:
    """The least latency of the facts told that is within the limit; inf if there are none."""
    if not run.source or run.source in WORKLOADS:
        return float("inf")
    there = study(chips.names, float(run.source), run.seed)
    return float(there.latency_s[there.area_mm2 <= run.area_mm2].min(initial=np.inf))


@lru_cache(maxsize=8)
def study(names: tuple[str, ...], area_mm2: float, seed: int) -> Trials:
    """What the teacher tried under that limit."""
    chips, tell = Chips.of(*names), TELLINGS[_TEACHER_TOLD]
    rng = np.random.default_rng([seed, _OTHER_SEEDS])
    optimizer = make_optimizer(TEACHER, FAMILY.space, rng)
    tried = []
    for _ in range(0, TAUGHT, BATCH):
        genomes = optimizer.ask(BATCH)
        figures = chips.evaluate(genomes)
        optimizer.tell(genomes, *tell(*figures, area_mm2))
        tried.append((genomes, *figures))
    genomes, latency_s, area = (np.concatenate(column) for column in zip(*tried, strict=True))
    _, first = np.unique(genomes, axis=0, return_index=True)
    kept = np.sort(first)
    return Trials(genomes[kept], latency_s[kept], area[kept])
