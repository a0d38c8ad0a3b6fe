"""Limits known before an evaluation, such as area, kept by any optimizer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.optimizer import Optimizer
from cosearch.space import Space

# Genomes (n, d) -> how far each is from being admissible, (n,); 0 admits, inf never runs.
Admissible = Callable[[ndarray], ndarray]


class Filtered:
    """Asks another optimizer again for what is not admissible, a bounded number of times.

    Each of `rounds` asks only for the designs still wanting, so no admissible proposal is lost;
    what is wanting after the last is filled with the least violating that were refused. The
    other optimizer is told what was evaluated, and nothing of what was refused.
    """

    def __init__(self, optimizer: Optimizer, admissible: Admissible, *, rounds: int = 16) -> None:
        self.optimizer = optimizer
        self.admissible = admissible
        self.rounds = rounds

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """`n` designs in the order in which they were asked for, refused ones last."""
        accepted: list[ndarray] = []
        refused: list[ndarray] = []
        excess: list[ndarray] = []
        wanting = n
        for _ in range(self.rounds):
            genomes = self.optimizer.ask(wanting)
            violations = self.admissible(genomes)
            fine = violations <= 0
            accepted.append(genomes[fine])
            refused.append(genomes[~fine])
            excess.append(violations[~fine])
            wanting -= int(fine.sum())
            if not wanting:
                break
        least = np.argsort(np.concatenate(excess), kind="stable")[:wanting]
        return np.concatenate([*accepted, np.concatenate(refused)[least]])

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Pass on."""
        self.optimizer.tell(genomes, losses, violations)


def filtered(
    make: Callable[..., Optimizer], admissible: Admissible, *, rounds: int = 16
) -> Callable[..., Optimizer]:
    """`make`, a constructor as in `OPTIMIZERS`, with `Filtered` around what it makes."""

    def made(space: Space, rng: np.random.Generator, **options: object) -> Optimizer:
        return Filtered(make(space, rng, **options), admissible, rounds=rounds)

    return made
