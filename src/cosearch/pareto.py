"""Fronts, hypervolume and knee. All objectives are minimised."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray


def non_dominated(losses: Float[ndarray, "n m"]) -> Bool[ndarray, " n"]:
    """Mask of the rows no other row dominates; of equal rows all are kept; non-finite never are.

    O(n log n + n * front) by sweeping in lexicographic order.
    """
    mask = np.zeros(len(losses), dtype=bool)
    front = np.empty((0, losses.shape[1]))
    for index in np.lexsort(losses.T[::-1]):
        row = losses[index]
        if not np.isfinite(row).all():
            continue
        no_worse = (front <= row).all(axis=1)
        if (no_worse & (front < row).any(axis=1)).any():
            continue
        mask[index] = True
        front = np.vstack([front, row])
    return mask


def hypervolume(losses: Float[ndarray, "n 2"], reference: Float[ndarray, " 2"]) -> float:
    """Area dominated by `losses` and bounded by `reference`, two objectives."""
    inside = losses[(losses < reference).all(axis=1)]
    volume, bound = 0.0, float(reference[1])
    for first, second in inside[np.lexsort(inside.T[::-1])]:
        volume += max(0.0, bound - second) * (reference[0] - first)
        bound = min(bound, float(second))
    return float(volume)


def knee(losses: Float[ndarray, "n 2"]) -> int:
    """Index of the front's knee: the point farthest below the line between the front's ends."""
    front = np.flatnonzero(non_dominated(losses))
    points = losses[front]
    low, high = points.min(axis=0), points.max(axis=0)
    scaled = (points - low) / np.where(high > low, high - low, 1.0)
    return int(front[np.argmin(scaled.sum(axis=1))])
