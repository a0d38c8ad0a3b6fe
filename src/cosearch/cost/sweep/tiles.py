"""The order of the sweep: tiles of on-chip combinations that share their off-chip times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.cost.sweep.interface import SweepTables


@dataclass(frozen=True)
class Tile:
    """On-chip combinations, ascending, of one memory class in each workload."""

    on: Int[ndarray, " t"]
    classes: tuple[int, ...]


def tiles(workloads: Sequence[SweepTables], size: int) -> list[Tile]:
    """All combinations, at most `size` in a tile.

    Shuffled, always alike: what is good is known early, and little after it is worth a look.
    """
    key = np.zeros(workloads[0].sizes[0], dtype=np.int64)
    for tables in workloads:
        _, key = np.unique(key * len(tables.off_s) + tables.memory, return_inverse=True)
    order = np.argsort(key, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(key[order])) + 1)
    made = [
        _tile(workloads, group[i : i + size])
        for group in groups
        for i in range(0, len(group), size)
    ]
    return [made[i] for i in np.random.default_rng(0).permutation(len(made))]


def _tile(workloads: Sequence[SweepTables], on: Int[ndarray, " t"]) -> Tile:
    return Tile(on, tuple(int(tables.memory[on[0]]) for tables in workloads))
