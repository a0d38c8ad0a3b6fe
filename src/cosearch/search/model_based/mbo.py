"""Model-based optimisation (Angermueller et al., ICML 2020; Apollo, arXiv 2102.01723), in batches.

Each round: an ensemble of cross-validated regressors, an acquisition, evolution to maximise it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.errors import unknown
from cosearch.search.ground import Ground
from cosearch.search.history import History
from cosearch.search.known import Excess
from cosearch.search.model_based.acquisition import ACQUISITIONS
from cosearch.search.model_based.climb import climbed
from cosearch.search.model_based.regressors import REGRESSORS, one_thread
from cosearch.search.model_based.surrogate import Surrogate, Wish
from cosearch.search.prior import Prior
from cosearch.space import Space

_POOL: Final = 256
_FEWEST_RANDOM: Final = 16
_MOST_RANDOM: Final = 64


class MBO:
    """Proposes what the models of past designs find most promising, never a design twice.

    Starts with random designs, two per knob (16 to 64). The models are fitted anew when the
    number of designs has grown by 2 %, and chosen anew at half as many more, so that thousands
    of trials stay affordable. `surrogate` shares the models of another. All designs proposed keep
    the limits known beforehand as `excess`, as far as repair gets there.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.Generator,
        *,
        excess: Excess | None = None,
        acquisition: str = "ei",
        kappa: float = 1.0,
        regressors: Sequence[str] = tuple(REGRESSORS),
        threshold: float = 0.2,
        start: int | None = None,
        surrogate: Surrogate | None = None,
    ) -> None:
        if acquisition not in ACQUISITIONS:
            raise unknown("acquisition", acquisition, ACQUISITIONS)
        usual = min(max(2 * len(space), _FEWEST_RANDOM), _MOST_RANDOM)
        self.space = space
        self.wish = Wish(acquisition, kappa)
        self.start = usual if start is None else max(start, 2)
        self.surrogate = surrogate or Surrogate(space, rng, regressors, threshold)
        self._ground = Ground(space, excess)
        self._rng = rng
        self._history = History(space)
        self._planned: Int[ndarray, "k d"] = np.empty((0, len(space)), dtype=np.int64)
        self._plan_of = 0  # how many designs were known when it was made

    def learn_from(self, prior: Prior) -> None:
        """Start from what the trials of a related problem teach, instead of random designs."""
        with one_thread():
            self.surrogate.learn_from(prior)

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """The `n` most promising new designs; random ones at first, and when none are left."""
        if len(self._history) < self.start and not self.surrogate.priors:
            return self._ground.draw(self._history, self._rng, n)
        if self._outdated():
            self._planned = self._planned[:0]
        self._planned = self._history.fresh(self._planned)
        if len(self._planned) < n:
            self._plan(n)
        chosen, self._planned = self._planned[:n], self._planned[n:]
        self._history.note(chosen)
        drawn = self._ground.draw(self._history, self._rng, n - len(chosen))
        return np.concatenate([chosen, drawn])

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Remember them; the models follow when next asked."""
        self._history.add(genomes, losses, violations)

    def _outdated(self) -> bool:
        return self.surrogate.stale(self._history) or self._plan_of < self.surrogate.fitted

    def _plan(self, n: int) -> None:
        """Enough proposals to last until the next fit, the most promising first."""
        with one_thread():
            self.surrogate.fit(self._history)
            self._plan_of = self.surrogate.fitted
            self._planned = self._promising(max(n, self.surrogate.patience))

    def _promising(self, n: int) -> Int[ndarray, "k d"]:
        """At most `n` new designs of high acquisition."""
        size = max(_POOL, 2 * n)
        known = [prior.best(size // 4) for prior in self.surrogate.priors]
        start = [*known, self._history.best(size // 2), self._ground.sample(self._rng, size // 4)]
        pool = climbed(
            self._ground,
            np.concatenate(start),
            lambda genomes: self.surrogate.score(genomes, self.wish),
            self._rng,
            size,
        )
        return self.surrogate.pick(self._history.fresh(pool)[:size], n, self.wish)
