"""What a differentiable search proposes to be measured: its candidates, then the next in line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.problem import Problem
from cosearch.problem.paths import PathTable, best_paths
from cosearch.recipes.fbnet.chosen import Logs
from cosearch.recipes.trained.confirmed import Genome, Proposed, tightened

_ASKED: Final = 4096  # networks by falling probability, where the table is not the model


@dataclass(frozen=True)
class Proposals:
    """`chosen` are the candidates as `searched` keeps them, `judge` tells what others are worth."""

    chosen: Mapping[str, Any]
    problem: Problem
    table: PathTable
    logs: Logs
    judge: Callable[[Int[ndarray, "n d"]], list[float]]

    def __call__(self, at_most_s: float, tried: Sequence[Genome]) -> Proposed | None:
        """The most accurate candidate; where none is within, the most probable network that is."""
        accuracies = np.array(self.chosen["accuracies"])
        for i in np.argsort(-accuracies, kind="stable"):
            genome = np.array(self.chosen["genomes"][i])
            if self.chosen["latency_s"][i] <= at_most_s and not _among(genome, tried):
                return Proposed(genome, float(accuracies[i]))
        return self._next(tightened(self.problem, at_most_s), tried)

    def _next(self, problem: Problem, tried: Sequence[Genome]) -> Proposed | None:
        by_chance = best_paths(self.table, self.logs, problem.at_most, per="place")
        for best in islice(by_chance, _ASKED):
            genome = best.genome[None]
            if _among(best.genome, tried) or problem.violations(problem.model(genome))[0] > 0:
                continue
            return Proposed(best.genome, self.judge(genome)[0])
        return None


def _among(genome: Genome, tried: Sequence[Genome]) -> bool:
    return any((genome == old).all() for old in tried)
