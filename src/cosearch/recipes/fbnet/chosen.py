"""From probabilities to one network within the limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.families.places import genomes_of
from cosearch.problem import Problem
from cosearch.problem.paths import PathTable
from cosearch.recipes.exact import most_probable

Logs = Sequence[Float[ndarray, " o"]]  # log-probabilities by place
_TRIES: Final = 64  # draws per sample wanted


@dataclass(frozen=True)
class Candidates:
    """Networks within the limits: the most probable one, then draws.

    `certain`: no network within them is more probable than the first.
    """

    genomes: Int[ndarray, "n d"]
    log_probabilities: Float[ndarray, " n"]
    certain: bool


def candidates(
    problem: Problem, table: PathTable, logs: Logs, samples: int, rng: np.random.Generator
) -> Candidates:
    """Raises `LimitError` where no network of the space keeps the limits."""
    best = most_probable(problem, table, logs, "place")
    drawn = _options(logs, samples * _TRIES, rng)
    genomes = genomes_of(table.chain, drawn)
    chances = np.sum([log[drawn[:, i]] for i, log in enumerate(logs)], axis=0)
    _, first = np.unique(genomes, axis=0, return_index=True)
    order = np.sort(first)
    order = order[(genomes[order] != best.genome).any(axis=1)]
    within = order[_meets(problem, genomes[order])][:samples]
    return Candidates(
        np.concatenate([best.genome[None], genomes[within]]),
        np.concatenate([[best.score], chances[within]]),
        best.certain,
    )


def _options(logs: Logs, n: int, rng: np.random.Generator) -> Int[ndarray, "n p"]:
    columns = []
    for log in logs:
        chances = np.exp(log)
        columns.append(rng.choice(len(log), n, p=chances / chances.sum()))
    return np.stack(columns, axis=1)


def _meets(problem: Problem, genomes: Int[ndarray, "n d"]) -> Any:
    if not len(genomes):
        return np.zeros(0, dtype=bool)
    return problem.violations(problem.model(genomes)) == 0
