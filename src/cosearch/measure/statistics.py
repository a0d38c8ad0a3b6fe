"""What samples say: medians, their intervals, and how noisy the machine was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

RESAMPLES: Final = 1000
LEAP_S: Final = 1.0  # a scheduler takes a core away for hundredths of this
LEAP_RATIO: Final = 100

Samples = Sequence[Float[ndarray, " n"]]  # a round each, seconds


@dataclass(frozen=True)
class Statistics:
    """Of one network: seconds for the whole batch. Intervals are 95 %, by bootstrap."""

    median_s: float
    low_s: float
    high_s: float
    reference_s: float  # the reference workload's median
    drift: float  # of the reference: largest over smallest median of a round, less 1
    noise: float  # half of the relative interval; where not scaled, of the reference's if wider
    leaps: int  # runs that took LEAP_S and LEAP_RATIO medians: a clock set, a machine asleep
    samples: int


def summarise(rounds: Samples, reference: Samples, reference_s: float | None) -> Statistics:
    """`reference_s` scales each round to a machine whose reference takes that long.

    The interval resamples rounds, then samples within them: samples of one round share its luck,
    so to draw from all alike would promise too much.
    """
    references = np.array([np.median(samples) for samples in reference])
    scaled = rounds
    if reference_s is not None:
        scaled = [s * reference_s / r for s, r in zip(rounds, references, strict=True)]
    low, high = interval(scaled)
    noises = [_noise(scaled)] if reference_s is not None else [_noise(scaled), _noise(reference)]
    return Statistics(
        median_s=_middle(scaled),
        low_s=low,
        high_s=high,
        reference_s=_middle(reference),
        drift=float(references.max() / references.min() - 1),
        noise=max(noises),
        leaps=_leaps(rounds) + _leaps(reference),
        samples=sum(map(len, rounds)),
    )


def interval(rounds: Samples) -> tuple[float, float]:
    """95 % bootstrap interval of the median of the rounds' medians (percentile method)."""
    rng = np.random.default_rng(0)
    chosen = rng.integers(len(rounds), size=(RESAMPLES, len(rounds)))
    drawn = np.empty(chosen.shape)
    for i, samples in enumerate(rounds):
        here = chosen == i
        drawn[here] = _redrawn_medians(samples, int(here.sum()), rng)
    low, high = np.percentile(np.median(drawn, axis=1), [2.5, 97.5])
    return float(low), float(high)


def _redrawn_medians(
    samples: Float[ndarray, " n"], count: int, rng: np.random.Generator
) -> Float[ndarray, " k"]:
    """`count` medians of samples drawn with replacement, without drawing them.

    The median of n uniform numbers is Beta((n + 1) / 2, (n + 1) / 2): that share of the way through
    the sorted samples lies the median of n draws (exactly so for odd n).
    """
    n = len(samples)
    shares = rng.beta((n + 1) / 2, (n + 1) / 2, count)
    return np.sort(samples)[np.minimum((shares * n).astype(int), n - 1)]


def _middle(rounds: Samples) -> float:
    return float(np.median([np.median(samples) for samples in rounds]))


def _noise(rounds: Samples) -> float:
    low, high = interval(rounds)
    return (high - low) / 2 / _middle(rounds)


def _leaps(rounds: Samples) -> int:
    bound = max(LEAP_S, LEAP_RATIO * _middle(rounds))
    return sum(int((samples > bound).sum()) for samples in rounds)
