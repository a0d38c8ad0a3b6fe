"""What an evolution proposes to be measured: its trials, best first; then others that take less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jaxtyping import Int
from numpy import ndarray

from cosearch.accuracy import Accuracy
from cosearch.problem import Problem
from cosearch.recipes.spos.evolution import Evolved
from cosearch.recipes.trained.confirmed import Genome, Proposed, best_left, tightened
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
        best = best_left(Trials.judged(problem, searched.genomes, searched.metrics), tried)
        return best or best_left(self._drawn(problem), tried)

    def _drawn(self, problem: Problem) -> Trials:
        genomes = self.within(problem)
        metrics = problem.model(genomes)
        if len(genomes):
            metrics["accuracy"] = self.accuracy(genomes)
        return Trials.judged(problem, genomes, metrics)
