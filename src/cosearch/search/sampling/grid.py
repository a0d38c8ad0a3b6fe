"""Exhaustive search: every design once, in order."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.space import Space


class Grid:
    """Every canonical design once, the last knob fastest, all first choices first; then random.

    The order is that of sorted rows. Spaces of any size and depth of conditions will do: a batch
    is found from where the last one ended, not by counting through what conditions switch off.
    """

    def __init__(self, space: Space, rng: np.random.Generator) -> None:
        self.space = space
        self._rng = rng
        self._next: Int[ndarray, " d"] | None = np.zeros(len(space), dtype=np.int64)

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """The next `n`; random ones in place of those that are wanting at the end."""
        if self._next is None:
            return self.space.sample(self._rng, n)
        rows = following(self.space, self._next, n + 1)
        self._next = rows[n] if len(rows) > n else None
        return np.concatenate([rows[:n], self.space.sample(self._rng, max(n - len(rows), 0))])

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Ignore it."""


def following(space: Space, first: Int[ndarray, " d"], n: int) -> Int[ndarray, "k d"]:
    """Up to `n` canonical genomes in sorted order from `first` (canonical) on.

    Knob by knob, sorted prefixes branch into their choices, one where the knob is switched off.
    Every prefix has an end, so `n` prefixes are always enough.
    """
    rows = np.zeros((1, len(space)), dtype=np.int64)
    for i, knob in enumerate(space.knobs):
        choices = len(knob.choices)
        counts = np.full(len(rows), choices)
        if knob.when:
            counts = np.where(space.active(rows)[:, i], choices, 1)
        skipped = first[i]  # only of the first prefix, which is that of `first`
        counts[0] -= skipped
        which = np.repeat(np.arange(len(rows)), counts)[:n]
        starts = np.cumsum(counts) - counts
        rows = rows[which]
        rows[:, i] = np.arange(len(which)) - starts[which] + np.where(which == 0, skipped, 0)
    return rows
