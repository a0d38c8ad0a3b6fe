"""P3BO (Angermueller et al., ICML 2020): a population of optimizers that earn their share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.search.ensembles.members import DEFAULT, Nursery
from cosearch.search.ground import Ground
from cosearch.search.history import History
from cosearch.search.known import Excess
from cosearch.search.optimizer import Optimizer, ranks
from cosearch.search.prior import Prior, transferred
from cosearch.space import Choice, Space

_ATTEMPTS: Final = 3


class P3BO:
    """A batch is drawn from its members in proportion to what their proposals gained before.

    All members are told everything. A member's reward in a round is the relative improvement of
    its best proposal on the best of all rounds before, within -1 and 1; its credit is
    reward + `decay` * credit; its share the softmax of credit / `tau`, credits scaled to a range
    of 1 first. The paper's reward, best of mine / best so far - 1, has no meaning before a limit is
    met nor for losses about 0: here the first of (violation, losses) that differs is compared.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.Generator,
        *,
        excess: Excess | None = None,
        members: Sequence[Mapping[str, Choice]] = DEFAULT,
        decay: float = 0.8,
        tau: float = 0.5,
    ) -> None:
        self.space = space
        self.decay = decay
        self.tau = tau
        self.members = [dict(values) for values in members]
        self.credit = np.zeros(len(members))
        self.rounds = 0
        self._rng = rng
        self._ground = Ground(space, excess)
        self._nursery = Nursery(space, rng, excess)
        self._optimizers: list[Optimizer] = [self._nursery.make(values) for values in members]
        self._history = History(space)
        self._owner: dict[bytes, int] = {}

    def learn_from(self, prior: Prior) -> None:
        """Pass on to the members, those to come as well."""
        self._nursery.learn_from(prior)
        self._optimizers = [transferred(optimizer, prior) for optimizer in self._optimizers]

    @property
    def share(self) -> Float[ndarray, " k"]:
        """The chance of each member to make a proposal."""
        weight = np.exp((self.credit - self.credit.max()) / (np.ptp(self.credit) or 1.0) / self.tau)
        return weight / weight.sum()

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """Draw who proposes; each gives new designs, or random ones if it has no new ones."""
        wanted = self._rng.multinomial(n, self.share)
        asked = [self._ask_of(i, k) for i, k in enumerate(wanted.tolist()) if k]
        return np.concatenate(asked)

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Reward whose proposals these are, then tell everybody."""
        self.credit = self.decay * self.credit + self._rewards(genomes, losses, violations)
        self.rounds += 1
        self._history.add(genomes, losses, violations)
        for optimizer in self._optimizers:
            optimizer.tell(genomes, losses, violations)

    def replace(self, i: int, values: Mapping[str, Choice], credit: float) -> None:
        """Put another member in place i, tell it all that was told, and give it credit."""
        optimizer = self._nursery.make(values)
        if len(self._history):
            history = self._history
            optimizer.tell(history.genomes, history.losses, history.violations)
        self.members[i], self._optimizers[i] = dict(values), optimizer
        self.credit[i] = credit
        self._owner = {key: owner for key, owner in self._owner.items() if owner != i}

    def _ask_of(self, i: int, n: int) -> Int[ndarray, "n d"]:
        found = np.empty((0, len(self.space)), dtype=np.int64)
        for _ in range(_ATTEMPTS):
            fresh = self._history.fresh(self._optimizers[i].ask(n - len(found)))
            self._history.note(fresh)
            found = np.concatenate([found, fresh])
            if len(found) == n:
                break
        self._owner.update((genome.tobytes(), i) for genome in found)
        drawn = self._ground.draw(self._history, self._rng, n - len(found))
        return np.concatenate([found, drawn])

    def _rewards(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> Float[ndarray, " k"]:
        """What each member gained on the best before; 0 for who proposed nothing."""
        keys = np.ascontiguousarray(genomes, dtype=np.int64)
        owner = np.array([self._owner.pop(genome.tobytes(), -1) for genome in keys], dtype=int)
        rewards = np.zeros(len(self.members))
        if not len(self._history):
            return rewards
        old = self._history
        before = np.column_stack([old.violations, old.losses])[
            np.argmin(ranks(old.losses, old.violations))
        ]
        values = np.column_stack([violations, losses])
        rank = ranks(losses, violations)
        for i in np.unique(owner[owner >= 0]):
            mine = np.flatnonzero(owner == i)
            rewards[i] = _improvement(values[mine[np.argmin(rank[mine])]], before)
        return rewards


def _improvement(new: Float[ndarray, " k"], old: Float[ndarray, " k"]) -> float:
    """Relative gain in the first of (violation, goals in their order) that differs, -1 to 1."""
    differs = np.flatnonzero(new != old)
    if not len(differs):
        return 0.0
    a, b = float(new[differs[0]]), float(old[differs[0]])
    if not (np.isfinite(a) and np.isfinite(b)) or b == 0:
        return float(np.sign(b - a))
    return float(np.clip((b - a) / abs(b), -1, 1))
