"""A workload's times with every repeat of a layer counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.cost.sweep.interface import SweepTables


@dataclass(frozen=True)
class Repeated:
    """Times of a workload with all repeats of a layer, layers padded to a multiple of 8.

    A count taken into both sides before their max gives the same float as one taken after it.
    """

    tables: SweepTables
    on_s: Float[ndarray, "r l"]
    off_s: Float[ndarray, "m l n_off"]

    @classmethod
    def of(cls, tables: SweepTables) -> Self:
        """Padding layers take no time."""
        (rows, layers), (classes, _, settings) = tables.on_s.shape, tables.off_s.shape
        padded = -(-layers // 8) * 8
        on_s, off_s = np.zeros((rows, padded)), np.zeros((classes, padded, settings))
        np.multiply(tables.on_s, tables.count, out=on_s[:, :layers])
        np.multiply(tables.off_s, tables.count[:, None], out=off_s[:, :layers])
        return cls(tables, on_s, off_s)
