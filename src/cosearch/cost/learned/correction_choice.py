"""Which networks to measure: those that leave the least doubt about all the others."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.cost.learned.correction_kernel import EXPECTED, NOISE, Baseline, Kernel
from cosearch.cost.learned.operator_times import OperatorTimes


def choose(networks: OperatorTimes, count: int) -> Int[ndarray, " count"]:
    """Places of `count` networks, in the order to measure them: no measurement is needed to choose.

    Each one is taken so that the error expected of all networks, before anything is measured,
    falls the most on average.
    """
    kernel = Kernel(Baseline(1.0, 0.0), np.square(EXPECTED))
    doubt = kernel(networks, networks)
    chosen: list[int] = []
    for _ in range(min(count, len(networks))):
        gain = np.square(doubt).sum(0) / (np.diag(doubt) + NOISE**2)
        gain[chosen] = -np.inf
        best = int(np.argmax(gain))
        chosen.append(best)
        column = doubt[:, best] / np.sqrt(doubt[best, best] + NOISE**2)
        doubt -= np.outer(column, column)
    return np.array(chosen)
