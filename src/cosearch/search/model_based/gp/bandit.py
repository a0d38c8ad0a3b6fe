"""A bandit with Gaussian processes, in the manner of OSS Vizier, in batches."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.search.history import History
from cosearch.search.known import Excess, repair
from cosearch.search.model_based.gp.pool import pool
from cosearch.search.model_based.gp.trust_region import TrustRegion
from cosearch.search.prior import Prior
from cosearch.search.sampling.quasi_random import QuasiRandom
from cosearch.space import Space

if TYPE_CHECKING:
    from cosearch.search.model_based.gp.surrogate import Surrogate

_BREEDING: Final = 32  # known designs
_DRAWN: Final = 200  # others
_MOST_PENDING: Final = 256


class GPBandit:
    """Proposes what Gaussian processes of loss and limits find promising, never a design twice.

    First the best designs of a prior, the centre of the space and quasi-random designs until
    `start` are known, then UCB-PE batches: `kappa` spreads of optimism on average, and a share
    `explore` of pure exploration.
    Evolution over `generations` finds the designs of most promise: with few, the best stay unfound.
    With limits known beforehand (`excess`) only designs that keep them are proposed.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.Generator,
        *,
        excess: Excess | None = None,
        kappa: float = 1.8,
        explore: float = 0.25,
        generations: int = 25,
        start: int | None = None,
    ) -> None:
        if find_spec("botorch") is None:
            raise CosearchError("optimizer 'gp' needs botorch: pip install 'cosearch[gp]'")
        self.space = space
        self.excess = excess
        self.kappa = kappa
        self.explore = explore
        self.generations = generations
        self.start = len(space) if start is None else max(start, 1)
        self._rng = rng
        self._spread = QuasiRandom(space, rng)
        self._trusted = TrustRegion(space)
        self._history = History(space)
        self._pending: Int[ndarray, "k d"] = np.empty((0, len(space)), dtype=np.int64)
        self._priors: list[Prior] = []
        self._surrogate: Surrogate | None = None

    def learn_from(self, prior: Prior) -> None:
        """The processes will learn from it as of another problem; it also breeds."""
        if len(prior.genomes):
            self._priors.append(prior)

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """The `n` most promising new designs; spread ones at first, and when none are left."""
        early = len(self._history) < self.start
        chosen = self._early(n) if early else self._promising(n)
        chosen = np.concatenate([chosen, self._drawn(n - len(chosen))])
        self._history.note(chosen)
        self._pending = np.concatenate([self._pending, chosen])[-_MOST_PENDING:]
        return chosen

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Remember them; the processes follow when next asked."""
        self._history.add(genomes, losses, violations)
        told = {genome.tobytes() for genome in genomes}
        self._pending = self._pending[[row.tobytes() not in told for row in self._pending]]

    def _early(self, n: int) -> Int[ndarray, "k d"]:
        """What was best elsewhere, the centre of the space, then quasi-random designs.

        At most half are from elsewhere: a base that is wrong here must be found out.
        """
        each = max(n // 2 // max(len(self._priors), 1), 1)
        best = [prior.best(each) for prior in self._priors]
        centre = self.space.canonical(self.space.cardinalities[None] // 2)
        designs = np.concatenate([*best, centre, self._spread.ask(n)])
        return self._fresh(self._admissible(designs))[:n]

    def _drawn(self, n: int) -> Int[ndarray, "n d"]:
        return self._admissible(self._history.draw(self.space, self._rng, n))

    def _admissible(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "n d"]:
        """Repaired where limits known beforehand are exceeded."""
        if self.excess is None:
            return genomes
        return repair(self.space, genomes, self.excess, self._rng)

    def _promising(self, n: int) -> Int[ndarray, "k d"]:
        """What the processes find, on one thread."""
        from cosearch.search.model_based.gp.batch import choose
        from cosearch.search.model_based.gp.model import one_torch_thread

        with one_torch_thread():
            surrogate = self._learned()
            found = self._pool(surrogate)
            beliefs = surrogate.beliefs(np.concatenate([found, self._pending]))
            mix = {"kappa": self.kappa, "explore": self.explore}
            return found[choose(beliefs, len(self._pending), n, self._rng, **mix)]

    def _learned(self) -> Surrogate:
        from cosearch.search.model_based.gp.surrogate import Surrogate

        if self._surrogate is None:
            self._surrogate = Surrogate(self.space, self._rng, self.excess)
            for prior in self._priors:
                self._surrogate.learn_from(prior)
        self._surrogate.learn(self._history)
        return self._surrogate

    def _pool(self, surrogate: Surrogate) -> Int[ndarray, "k d"]:
        """Designs of much promise, none known."""
        priors = [prior.best(_BREEDING) for prior in self._priors]
        return pool(
            self.space,
            self._rng,
            lambda genomes: surrogate.beliefs(genomes).promise(self.kappa),
            self._trusted_ones,
            np.concatenate([self._history.best(_BREEDING), *priors]),
            self._drawn(_DRAWN),
            self.generations,
        )

    def _trusted_ones(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "k d"]:
        return self._fresh(genomes[self._trusted.holds(genomes, self._history.genomes)])

    def _fresh(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "k d"]:
        """Those that are new and keep the limits known beforehand."""
        new = self._history.fresh(genomes)
        return new if self.excess is None else new[self.excess(new) <= 0]
