"""A bandit with Gaussian processes, in the manner of OSS Vizier, in batches."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.search.known import Excess
from cosearch.search.model_based.gp.mind import Mind
from cosearch.search.prior import Prior
from cosearch.space import Space


class GPBandit:
    """Proposes what Gaussian processes of loss and limits find promising, never a design twice.

    First the best designs of a prior, the centre of the space and quasi-random designs until
    `start` are known, then UCB-PE batches: `kappa` spreads of optimism on average, and a share
    `explore` of pure exploration.
    Evolution over `generations` finds the designs of most promise: with few, the best stay unfound.
    With limits known beforehand (`excess`) only designs that keep them are proposed.
    Bandits of one `mind`, which then knows the limits, learn as one and propose no design twice.
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
        mind: Mind | None = None,
    ) -> None:
        if find_spec("botorch") is None:
            raise CosearchError("optimizer 'gp' needs botorch: pip install 'cosearch[gp]'")
        self.kappa = kappa
        self.explore = explore
        self.generations = generations
        self.start = len(space) if start is None else max(start, 1)
        self._rng = rng
        self._mind = Mind(space, rng, excess) if mind is None else mind

    def learn_from(self, prior: Prior) -> None:
        """The processes will learn from it as of another problem; it also breeds."""
        self._mind.learn_from(prior)

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """The `n` most promising new designs; spread ones at first, and when none are left."""
        early = len(self._mind) < self.start
        chosen = self._mind.early(n) if early else self._promising(n)
        chosen = np.concatenate([chosen, self._mind.drawn(n - len(chosen))])
        self._mind.note(chosen)
        return chosen

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Remember them; the processes follow when next asked."""
        self._mind.tell(genomes, losses, violations)

    def _promising(self, n: int) -> Int[ndarray, "k d"]:
        """What the processes find, on one thread."""
        from cosearch.search.model_based.gp.batch import choose
        from cosearch.search.model_based.gp.model import one_torch_thread

        with one_torch_thread():
            found, pending = self._mind.promising(self.kappa, self.generations), self._mind.pending
            beliefs = self._mind.beliefs(np.concatenate([found, pending]))
            mix = {"kappa": self.kappa, "explore": self.explore}
            return found[choose(beliefs, len(pending), n, self._rng, **mix)]
