"""Limits known before an evaluation, such as area, kept by any optimizer: filter, then repair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cosearch.search.evolutionary.breeding import scatter
from cosearch.search.optimizer import Optimizer
from cosearch.space import Space

# Genomes (n, d) -> how far each is from being admissible, (n,); 0 admits, inf never runs.
Excess = Callable[[ndarray], ndarray]

_STEPS: Final = 32
_CHILDREN: Final = 8


class Filtered:
    """Asks another optimizer again for what is not admissible, then repairs what still is not.

    Each of `rounds` asks only for the designs still wanting, so no admissible proposal is lost;
    what is wanting after the last are the least violating that were refused, repaired. The other
    optimizer is told what was evaluated, and nothing of what was refused.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        space: Space,
        rng: np.random.Generator,
        excess: Excess,
        *,
        rounds: int = 4,
    ) -> None:
        self.optimizer = optimizer
        self.space = space
        self.excess = excess
        self.rounds = rounds
        (self._rng,) = rng.spawn(1)

    def ask(self, n: int) -> Int[ndarray, "n d"]:
        """`n` designs in the order in which they were asked for, repaired ones last."""
        accepted: list[ndarray] = []
        refused: list[ndarray] = []
        excess: list[ndarray] = []
        wanting = n
        for _ in range(self.rounds):
            genomes = self.optimizer.ask(wanting)
            violations = self.excess(genomes)
            fine = violations <= 0
            accepted.append(genomes[fine])
            refused.append(genomes[~fine])
            excess.append(violations[~fine])
            wanting -= int(fine.sum())
            if not wanting:
                break
        least = np.argsort(np.concatenate(excess), kind="stable")[:wanting]
        mended = repair(self.space, np.concatenate(refused)[least], self.excess, self._rng)
        return np.concatenate([*accepted, mended])

    def tell(
        self,
        genomes: Int[ndarray, "n d"],
        losses: Float[ndarray, "n m"],
        violations: Float[ndarray, " n"],
    ) -> None:
        """Pass on."""
        self.optimizer.tell(genomes, losses, violations)


def repair(
    space: Space, genomes: Int[ndarray, "n d"], excess: Excess, rng: np.random.Generator
) -> Int[ndarray, "n d"]:
    """Admissible designs near these, where a bounded number of steps finds any.

    Downhill on `excess` first, which may go far below a limit; then back towards the proposal as
    far as the limits allow, so that what was proposed is kept and what the limit grants is used.
    """
    mended = genomes.copy()
    now = excess(genomes) if len(genomes) else np.empty(0)
    broken = now > 0
    if not broken.any():
        return mended
    low, still = _downhill(space, genomes[broken], now[broken], excess, rng)
    low[~still] = _back(space, low[~still], genomes[broken][~still], excess, rng)
    mended[broken] = low
    return mended


def _downhill(
    space: Space,
    genomes: Int[ndarray, "n d"],
    now: Float[ndarray, " n"],
    excess: Excess,
    rng: np.random.Generator,
) -> tuple[Int[ndarray, "n d"], Bool[ndarray, " n"]]:
    """A step goes to the least violating of a few children a mutation away, if it is less.

    Also which are not admissible yet.
    """
    mended, now = genomes.copy(), now.copy()
    for _ in range(_STEPS):
        broken = np.flatnonzero(now > 0)
        if not len(broken):
            break
        children = scatter(space, np.repeat(mended[broken], _CHILDREN, axis=0), rng)
        violations = excess(children).reshape(-1, _CHILDREN)
        pick = np.argmin(violations, axis=1)
        rows = np.arange(len(broken))
        better = violations[rows, pick] < now[broken]
        chosen = children.reshape(len(broken), _CHILDREN, -1)[rows, pick]
        mended[broken[better]] = chosen[better]
        now[broken[better]] = violations[rows, pick][better]
    return mended, now > 0


def _back(
    space: Space,
    mended: Int[ndarray, "n d"],
    proposed: Int[ndarray, "n d"],
    excess: Excess,
    rng: np.random.Generator,
) -> Int[ndarray, "n d"]:
    """Knob after knob, in any order, takes the proposed choice again; then half ways, twice."""
    mended = mended.copy()
    for share in (1.0, 0.5, 0.5):
        away = mended != proposed
        while away.any():
            rows = np.flatnonzero(away.any(axis=1))
            knobs = np.argmax(np.where(away[rows], rng.random((len(rows), len(space))), -1), axis=1)
            away[rows, knobs] = False
            gap = proposed[rows, knobs] - mended[rows, knobs]
            nearer = mended[rows]
            nearer[np.arange(len(rows)), knobs] += _share_of(gap, share)
            nearer = space.canonical(nearer)
            fine = excess(nearer) <= 0
            mended[rows[fine]] = nearer[fine]
    return mended


def _share_of(gap: Int[ndarray, " n"], share: float) -> Int[ndarray, " n"]:
    """Rounded away from 0, so that a gap of one is closed."""
    return (np.sign(gap) * np.ceil(np.abs(gap) * share)).astype(np.int64)
