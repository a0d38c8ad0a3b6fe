"""A batch whose designs do not all ask the same question."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

Value = Callable[[Float[ndarray, " n"]], Float[ndarray, " n"]]  # of each design, by its spread

_NOISE = 1e-6


def diverse(
    spread: Float[ndarray, " n"], correlation: Float[ndarray, "n n"], value: Value, k: int
) -> Int[ndarray, " k"]:
    """At most `k` rows, picked one after another, each as if those before had been evaluated.

    What a Gaussian process will be told changes its mean by nobody knows how much, and its spread
    by a known amount (GP-BUCB; Desautels et al., JMLR 2014): near a pick nothing is uncertain.
    """
    covariance = correlation * np.outer(spread, spread)
    floor = _NOISE * np.diag(covariance)
    open_ = np.ones(len(spread), dtype=bool)
    picked = []
    for _ in range(min(k, len(spread))):
        left = np.maximum(np.diag(covariance), floor)
        i = int(np.argmax(np.where(open_, value(np.sqrt(left)), -np.inf)))
        picked.append(i)
        open_[i] = False
        covariance = covariance - np.outer(covariance[:, i], covariance[i]) / left[i]
    return np.array(picked, dtype=np.int64)
