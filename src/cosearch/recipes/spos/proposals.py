"""What an evolution proposes to be measured: its trials, best first; then others that take less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.accuracy import Accuracy
from cosearch.problem import Problem
from cosearch.recipes.spos.evolution import Evolved
from cosearch.recipes.trained.confirmed import Genome, Proposed, tightened
from cosearch.study import Trials


@dataclass(frozen=True)
class Proposals:
    """`within` draws networks that keep a problem's limits; shared weights tell their accuracy."""

    found: Evolved
    within: Callable[[Problem], Int[ndarray, "n d"]]
    accuracy: Accuracy

    def __call__(self, at_most_s: float, tried: Sequence[Genome]) -> Proposed | None:
        """Of what was searched; where nothing of that is within, of what is drawn then."""
        problem = tightened(self.found.problem, at_most_s)
        searched = self.found.trials
        best = _best(Trials.judged(problem, searched.genomes, searched.metrics), tried)
        return best or _best(self._drawn(problem), tried)

    def _drawn(self, problem: Problem) -> Trials:
        genomes = self.within(problem)
        metrics = problem.model(genomes)
        if len(genomes):
            metrics["accuracy"] = self.accuracy(genomes)
        return Trials.judged(problem, genomes, metrics)


def _best(trials: Trials, tried: Sequence[Genome]) -> Proposed | None:
    new = [not any((genome == old).all() for old in tried) for genome in trials.genomes]
    left = trials[np.flatnonzero(trials.feasible & np.array(new, dtype=bool))]
    if not len(left):
        return None
    best = left.best()
    return Proposed(left.genomes[best], float(left.metrics["accuracy"][best]))
