"""What samples say: medians, their intervals, and how noisy the machine was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

RESAMPLES: Final = 1000

Samples = Sequence[Float[ndarray, " n"]]  # a round each, seconds


@dataclass(frozen=True)
class Statistics:
    """Of one network: seconds for the whole batch. Intervals are 95 %, by bootstrap."""

    median_s: float
    low_s: float
    high_s: float
    reference_s: float  # the reference workload's median
    drift: float  # of the reference: largest over smallest median of a round, less 1
    noise: float  # half of the wider relative interval of the two
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
    median = _middle(scaled)
    reference_low, reference_high = interval(reference)
    reference_median = _middle(reference)
    noise = max((high - low) / median, (reference_high - reference_low) / reference_median) / 2
    return Statistics(
        median_s=median,
        low_s=low,
        high_s=high,
        reference_s=reference_median,
        drift=float(references.max() / references.min() - 1),
        noise=float(noise),
        samples=sum(map(len, rounds)),
    )


def interval(rounds: Samples) -> tuple[float, float]:
    """95 % bootstrap interval of the median of the rounds' medians (percentile method)."""
    rng = np.random.default_rng(0)
    drawn = np.stack([_redrawn_medians(samples, rng) for samples in rounds], axis=1)
    chosen = rng.integers(len(rounds), size=drawn.shape)
    medians = np.median(np.take_along_axis(drawn, chosen, axis=1), axis=1)
    low, high = np.percentile(medians, [2.5, 97.5])
    return float(low), float(high)


def _redrawn_medians(samples: Float[ndarray, " n"], rng: np.random.Generator) -> ndarray:
    """Medians (RESAMPLES,) of samples drawn with replacement, without drawing them.

    The median of n uniform numbers is Beta((n + 1) / 2, (n + 1) / 2): that share of the way through
    the sorted samples lies the median of n draws (exactly so for odd n).
    """
    n = len(samples)
    shares = rng.beta((n + 1) / 2, (n + 1) / 2, RESAMPLES)
    return np.sort(samples)[np.minimum((shares * n).astype(int), n - 1)]


def _middle(rounds: Samples) -> float:
    return float(np.median([np.median(samples) for samples in rounds]))
