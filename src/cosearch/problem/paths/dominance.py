"""Which partial paths no other at their node beats in score and every cost; compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy import ndarray


def undominated(node: ndarray, score: ndarray, cost: ndarray) -> ndarray:
    """Their indices, ordered by node; of equals one stays."""
    keys = (*cost.T[::-1], -score, node)
    order = np.lexsort(keys)
    keep = np.zeros(len(order), dtype=np.bool_)
    _mark(node[order], np.ascontiguousarray(cost[order]), keep)
    return order[keep]


@njit(cache=True)
def _mark(node, cost, keep):  # type: ignore[no-untyped-def]
    """Rows come by node, then by falling score, then by rising cost."""
    n, limits = cost.shape
    front = np.empty(n, dtype=np.int64)  # what was kept at this node
    size = 0
    for i in range(n):
        if i == 0 or node[i] != node[i - 1]:
            size = 0
        beaten = False
        for k in range(size - 1, -1, -1):
            beaten = True
            for j in range(limits):
                if cost[front[k], j] > cost[i, j]:
                    beaten = False
                    break
            if beaten:
                break
        if not beaten:
            keep[i] = True
            front[size] = i
            size += 1
