"""Cheap before dear: proposals are modelled first, and only promising ones get an accuracy."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cosearch.problem import Metrics, Problem
from cosearch.search import Optimizer


@dataclass
class Screen:
    """Asks up to `rounds` times for a batch, to fill it with new designs that meet the limits.

    Limits on latency, energy and area are judged by the cost model, in a fraction of the time of
    an accuracy. What is still missing after the last round is filled with new designs in the
    order of their violation, then with repeated ones. Depends on nothing but what was asked.
    """

    problem: Problem
    rounds: int
    _tried: set[bytes] = field(default_factory=set)

    def propose(self, optimizer: Optimizer, n: int) -> tuple[Int[ndarray, "n d"], Metrics]:
        """`n` designs with their modelled metrics, in the order in which they were asked for."""
        asked: list[Int[ndarray, "n d"]] = []
        modelled: list[Metrics] = []
        ranks: list[Float[ndarray, " n"]] = []
        seen = set(self._tried)
        for _ in range(self.rounds):
            genomes = optimizer.ask(n)
            metrics = self.problem.model(genomes)
            asked.append(genomes)
            modelled.append(metrics)
            ranks.append(np.where(_new(genomes, seen), self.problem.violations(metrics), np.inf))
            if sum(int((rank <= 0).sum()) for rank in ranks) >= n:
                break
        chosen = np.sort(np.argsort(np.concatenate(ranks), kind="stable")[:n])
        joined = {name: np.concatenate([m[name] for m in modelled])[chosen] for name in modelled[0]}
        genomes = np.concatenate(asked)[chosen]
        self.note(genomes)
        return genomes, joined

    def note(self, genomes: Int[ndarray, "n d"]) -> None:
        """Remember designs as tried."""
        self._tried.update(genome.tobytes() for genome in genomes)


def _new(genomes: Int[ndarray, "n d"], seen: set[bytes]) -> Bool[ndarray, " n"]:
    """Which are not in `seen`; adds them to it."""
    new = np.zeros(len(genomes), dtype=bool)
    for i, genome in enumerate(genomes):
        key = genome.tobytes()
        new[i] = key not in seen
        seen.add(key)
    return new
