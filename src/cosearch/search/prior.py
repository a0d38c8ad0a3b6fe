"""Transfer: what was learned of a related problem, for any optimizer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.optimizer import Optimizer, ranks

_FIRST: Final = 32


@dataclass(frozen=True)
class Prior:
    """Trials of a related problem on the same space: another workload, say.

    Their losses are not those of the problem at hand, so they must not be told: what is best may
    be the same while all figures differ. Violations are of the limits at hand where these can be
    judged from what was recorded.
    """

    genomes: Int[ndarray, "n d"]
    losses: Float[ndarray, "n m"]
    violations: Float[ndarray, " n"]

    def best(self, n: int) -> Int[ndarray, "k d"]:
        """The best `n` distinct designs, the best first."""
        order = np.argsort(ranks(self.losses, self.violations), kind="stable")
        _, first = np.unique(self.genomes[order], axis=0, return_index=True)
        return self.genomes[order][np.sort(first)[:n]]


@runtime_checkable
class Transferring(Protocol):
    """An optimizer that can make more of related trials than trying their best designs."""

    def learn_from(self, prior: Prior) -> None:
        """Called before anything is asked or told; several priors come one after another."""
        ...


class Seeded:
    """Proposes given designs first, then whatever another optimizer asks for."""

    def __init__(self, optimizer: Optimizer, first: Int[ndarray, "k d"]) -> None:
        self.optimizer = optimizer
        self._first = first

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """What is left of the given designs, filled up by the other optimizer."""
        given, self._first = self._first[:n], self._first[n:]
        if len(given) == n:
            return given
        return np.concatenate([given, self.optimizer.ask(n - len(given))])

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Pass on."""
        self.optimizer.tell(genomes, losses, violations)


def transferred(optimizer: Optimizer, prior: Prior) -> Optimizer:
    """The optimizer with a prior: told if it can learn from one, else seeded with the best."""
    if isinstance(optimizer, Transferring):
        optimizer.learn_from(prior)
        return optimizer
    return Seeded(optimizer, prior.best(_FIRST))
