"""One-sided tests on pairs of runs, and what is left of them when there are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.stats import wilcoxon

ALPHA: Final = 0.05
_FEWEST: Final = 5  # pairs: with fewer, no outcome is below alpha


@dataclass(frozen=True)
class Comparison:
    """Of the first with the second: pairs in which it is lower, equal, higher; the p-value."""

    lower: int
    equal: int
    higher: int
    p: float


def compare(first: Mapping[Any, float], second: Mapping[Any, float]) -> Comparison:
    """Is the first lower? Wilcoxon's signed-rank test on the logarithms of what both have.

    Pairs are of the same problem and seed. A run that found nothing (inf) lost by more than any
    other; two such are equal. Equal pairs are dropped, as the test asks.
    """
    keys = sorted(first.keys() & second.keys())
    steps = _differences(*(np.array([each[key] for key in keys]) for each in (first, second)))
    lower, higher = int((steps < 0).sum()), int((steps > 0).sum())
    p = 1.0
    if lower + higher >= _FEWEST:
        p = float(wilcoxon(steps, alternative="less", method="auto").pvalue)
    return Comparison(lower, len(keys) - lower - higher, higher, p)


def _differences(first: Float[ndarray, " n"], second: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    """Of logarithms, rounded so that equal ones are equal."""
    both = np.isfinite(first) & np.isfinite(second)
    steps = np.zeros(len(first))
    steps[both] = np.round(np.log(first[both] / second[both]), 9)
    most = np.abs(steps).max(initial=0.0) + 1
    steps[np.isinf(first) & np.isfinite(second)] = most
    steps[np.isfinite(first) & np.isinf(second)] = -most
    return steps


def holm(p: Sequence[float]) -> list[float]:
    """Holm's correction: p-values that hold for all tests at once."""
    order = np.argsort(p, kind="stable")
    scaled = np.asarray(p)[order] * np.arange(len(p), 0, -1) if len(p) else np.empty(0)
    adjusted = np.minimum(np.maximum.accumulate(scaled), 1.0)
    out = np.empty(len(p))
    out[order] = adjusted
    return out.tolist()
