"""What is known of a space, and what Gaussian processes believe of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.history import History
from cosearch.search.known import Excess, repair
from cosearch.search.model_based.gp.pool import pool
from cosearch.search.model_based.gp.trust_region import TrustRegion
from cosearch.search.prior import Prior
from cosearch.search.sampling.quasi_random import QuasiRandom
from cosearch.space import Space

if TYPE_CHECKING:
    from cosearch.search.model_based.gp.beliefs import Beliefs
    from cosearch.search.model_based.gp.surrogate import Surrogate

_BREEDING: Final = 32  # known designs
_DRAWN: Final = 200  # others
_MOST_PENDING: Final = 256


class Mind:
    """Knows what was told and asked for, and seeks designs of promise. Bandits may share one.

    With limits known beforehand (`excess`) it thinks of designs that keep them only.
    """

    def __init__(self, space: Space, rng: np.random.Generator, excess: Excess | None) -> None:
        self.space = space
        self.excess = excess
        self.pending: Int[ndarray, "k d"] = np.empty((0, len(space)), dtype=np.int64)
        self._rng = rng
        self._spread = QuasiRandom(space, rng)
        self._trusted = TrustRegion(space)
        self._history = History(space)
        self._priors: list[Prior] = []
        self._surrogate: Surrogate | None = None
        self._found: dict[tuple[float, int], Int[ndarray, "k d"]] = {}  # until more is told

    def __len__(self) -> int:
        """How many designs were told."""
        return len(self._history)

    def learn_from(self, prior: Prior) -> None:
        """The processes will learn from it as of another problem; it also breeds."""
        if len(prior.genomes) and not any(known is prior for known in self._priors):
            self._priors.append(prior)

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Remember them; the processes follow when next asked."""
        self._history.add(genomes, losses, violations)
        told = {genome.tobytes() for genome in genomes}
        self.pending = self.pending[[row.tobytes() not in told for row in self.pending]]
        self._found.clear()

    def note(self, genomes: Int[ndarray, "n d"]) -> None:
        """These are asked for."""
        self._history.note(genomes)
        self.pending = np.concatenate([self.pending, genomes])[-_MOST_PENDING:]

    def early(self, n: int) -> Int[ndarray, "k d"]:
        """What was best elsewhere, the centre of the space, then quasi-random designs.

        At most half are from elsewhere: a base that is wrong here must be found out.
        """
        each = max(n // 2 // max(len(self._priors), 1), 1)
        best = [prior.best(each) for prior in self._priors]
        centre = self.space.canonical(self.space.cardinalities[None] // 2)
        designs = np.concatenate([*best, centre, self._spread.ask(n)])
        return self._fresh(self._admissible(designs))[:n]

    def drawn(self, n: int) -> Int[ndarray, "n d"]:
        """Uniform designs, new ones as far as a few attempts find them."""
        return self._admissible(self._history.draw(self.space, self._rng, n))

    def promising(self, kappa: float, generations: int) -> Int[ndarray, "k d"]:
        """Designs of much promise, none known."""
        key = (kappa, generations)
        if key not in self._found:
            self._found[key] = self._pool(kappa, generations)
            return self._found[key]
        return self._fresh(self._found[key])

    def beliefs(self, genomes: Int[ndarray, "k d"]) -> Beliefs:
        """What is believed of these designs."""
        return self._learned().beliefs(genomes)

    def _learned(self) -> Surrogate:
        from cosearch.search.model_based.gp.surrogate import Surrogate

        if self._surrogate is None:
            self._surrogate = Surrogate(self.space, self._rng, self.excess)
            for prior in self._priors:
                self._surrogate.learn_from(prior)
        self._surrogate.learn(self._history)
        return self._surrogate

    def _pool(self, kappa: float, generations: int) -> Int[ndarray, "k d"]:
        surrogate = self._learned()
        priors = [prior.best(_BREEDING) for prior in self._priors]
        return pool(
            self.space,
            self._rng,
            lambda genomes: surrogate.beliefs(genomes).promise(kappa),
            self._trusted_ones,
            np.concatenate([self._history.best(_BREEDING), *priors]),
            self.drawn(_DRAWN),
            generations,
        )

    def _admissible(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "n d"]:
        """Repaired where limits known beforehand are exceeded."""
        if self.excess is None:
            return genomes
        return repair(self.space, genomes, self.excess, self._rng)

    def _trusted_ones(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "k d"]:
        return self._fresh(genomes[self._trusted.holds(genomes, self._history.genomes)])

    def _fresh(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "k d"]:
        """Those that are new and keep the limits known beforehand."""
        new = self._history.fresh(genomes)
        return new if self.excess is None else new[self.excess(new) <= 0]
