"""Latencies at one pace of the machine: how far what else runs there moves what is measured.

On a shared machine everything slows down together, for seconds or minutes, but not alike: what
waits for memory is held up less than what computes. Of networks that were visited several times,
each against itself, it is known how much they follow the reference workload.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.measure import Measurement

_STEPS: Final = 30
_HUBER: Final = 1.345  # residuals beyond so many deviations count less (Huber 1964)
_MAD: Final = 1.4826  # a normal deviation over its median absolute one
_MOST: Final = 1.5
_LEAST_SPREAD: Final = 1e-3  # of the reference: with less, nothing is to be learnt


@dataclass(frozen=True)
class Level:
    """log latency = log latency at this level + sensitivity x log(reference / reference_s)."""

    reference_s: float
    sensitivity: float

    @classmethod
    def of(cls, networks: Iterable[tuple[Measurement, ...]], reference_s: float) -> Self:
        """Fit the sensitivity by a robust regression within networks (Huber's weights, IRLS).

        1 where the reference never changed: then it does not matter.
        """
        parts = [_centred(taken) for taken in networks]
        x, y = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        if np.std(x) < _LEAST_SPREAD:
            return cls(reference_s, 1.0)
        return cls(reference_s, float(np.clip(_slope(x, y), 0.0, _MOST)))

    def rounds(self, taken: Iterable[Measurement]) -> list[Float[ndarray, " n"]]:
        """All samples of a network as they would be at this level, by round."""
        return [
            np.array(samples) * (self.reference_s / np.median(beside)) ** self.sensitivity
            for each in taken
            for samples, beside in zip(each.rounds_s, each.reference_rounds_s, strict=True)
        ]


def _centred(taken: tuple[Measurement, ...]) -> tuple[ndarray, ndarray]:
    """Logarithms (of the reference, of the network) by round, less their means."""
    pairs = np.log(
        [
            (np.median(beside), np.median(samples))
            for each in taken
            for samples, beside in zip(each.rounds_s, each.reference_rounds_s, strict=True)
        ]
    )
    x, y = (pairs - pairs.mean(axis=0)).T
    return x, y


def _slope(x: Float[ndarray, " n"], y: Float[ndarray, " n"]) -> float:
    weights = np.ones(len(x))
    slope = 0.0
    for _ in range(_STEPS):
        slope = float((weights * x * y).sum() / (weights * x * x).sum())
        off = np.abs(y - slope * x)
        bound = _HUBER * _MAD * max(float(np.median(off)), 1e-9)
        weights = 1 / np.maximum(off / bound, 1)
    return slope
