"""Nevergrad's optimizers (Rapin and Teytaud, 2018), by ask and tell."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.errors import unknown
from cosearch.quiet import quiet
from cosearch.search.adapters.ladder import Ladder
from cosearch.search.adapters.library import library, ordered
from cosearch.search.adapters.pending import Pending
from cosearch.space import Space

_EDGE: Final = 0.499  # half a choice, less enough that the end of a range rounds to a choice


class NevergradOptimizer:
    """Nevergrad: any of its optimizers by name; the default is its own choice, NGOpt.

    `budget` and `workers` (trials in all, batch) are what NGOpt chooses its algorithm by. A knob
    of numbers is a bounded real, rounded to the index of its choice, which lets NGOpt choose CMA;
    one of words is a `Choice`. Told is one value in the order of `ranks`: Nevergrad's penalty for
    `constraint_violation` grows with the trials, so early infeasible designs stay the best.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.Generator,
        *,
        optimizer: str = "NGOpt",
        budget: int | None = 4096,
        workers: int = 16,
    ) -> None:
        nevergrad = library("nevergrad", wants="Nevergrad's optimizers", extra="nevergrad")
        known = nevergrad.optimizers.registry
        if optimizer not in known:
            raise unknown("Nevergrad optimizer", optimizer, known)
        self.space = space
        knobs = _parameters(nevergrad.p, space)
        knobs.random_state.seed(int(rng.integers(2**31)))
        with quiet():
            self._optimizer = known[optimizer](knobs, budget=budget, num_workers=workers)
        self._ladder = Ladder()
        self._pending = Pending()

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """One after another; the library counts those not yet told."""
        with quiet():
            candidates = [self._optimizer.ask() for _ in range(n)]
        rows = np.array([candidate.value for candidate in candidates], dtype=float)
        genomes = self.space.canonical(np.rint(rows).astype(np.int64).reshape(n, -1))
        for genome, candidate in zip(genomes, candidates, strict=True):
            self._pending.put(genome, candidate)
        return genomes

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """What was never asked for is told as such; what was asked for and not evaluated is not."""
        rungs = self._ladder.place(losses, violations)
        with quiet():
            for genome, rung in zip(genomes, rungs.tolist(), strict=True):
                asked = self._pending.take(genome)
                self._optimizer.tell(self._stranger(genome) if asked is None else asked, rung)
        self._pending.turn()

    def _stranger(self, genome: Int[ndarray, " d"]) -> Any:
        knobs = self._optimizer.parametrization
        return knobs.spawn_child(new_value=tuple(genome.tolist()))


def _parameters(p: Any, space: Space) -> Any:
    return p.Tuple(
        *(
            p.Scalar(lower=-_EDGE, upper=len(knob.choices) - 1 + _EDGE)
            if ordered(knob)
            else p.Choice(list(range(len(knob.choices))))
            for knob in space.knobs
        )
    )
