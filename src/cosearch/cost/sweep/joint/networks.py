"""A list of networks as lists of the layers that differ: one table of layers serves them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cosearch.cost.edge.off_chip import is_fused
from cosearch.networks import Layers
from cosearch.networks.layers import unpack

NONE = -1  # in place of a layer, after a network's last


@dataclass(frozen=True)
class NetworkList:
    """N networks of up to L active layers, of which U differ.

    A layer is its loop bounds and whether it is fused to its producer: what the mapper looks at.
    """

    layers: Layers  # (U,)
    fused: Bool[ndarray, " u"]
    index: Int[ndarray, "n l"]  # which of the U, in order; then `NONE`

    @classmethod
    def of(cls, layers: Layers) -> Self:
        """From loop bounds (N, L), padding anywhere."""
        table = layers.table(np.int64)
        active = np.broadcast_to(layers.repeat > 0, table.shape[:2])
        rows, bounds = _distinct(table.reshape(-1, table.shape[-1]))
        rows = np.where(active, rows.reshape(active.shape), NONE)
        order = np.argsort(~active, axis=1, kind="stable")
        rows = np.take_along_axis(rows, order, axis=1)
        before = np.concatenate([np.full((len(rows), 1), NONE), rows[:, :-1]], axis=1)
        pairs, which = np.unique(rows * (len(bounds) + 1) + before + 1, return_inverse=True)
        row, producer = pairs // (len(bounds) + 1), pairs % (len(bounds) + 1) - 1
        fused = [
            bool(r >= 0 and p >= 0 and is_fused(bounds[r], bounds[p]))
            for r, p in zip(row, producer, strict=True)
        ]
        kinds, kind = np.unique(row * 2 + fused, return_inverse=True)
        real = kinds >= 0
        index = (kind - int((~real).sum()))[which].reshape(rows.shape)
        return cls(
            unpack(bounds[kinds[real] // 2]),
            (kinds[real] % 2).astype(bool),
            np.where(rows >= 0, index, NONE),
        )

    @property
    def depth(self) -> Int[ndarray, " n"]:
        """Active layers of each network."""
        return np.asarray((self.index != NONE).sum(axis=1))

    def counts(self, networks: Int[ndarray, " b"]) -> Float[ndarray, "b u"]:
        """How often each of the U occurs."""
        out = np.zeros((len(networks), len(self.fused) + 1))
        np.add.at(out, (np.arange(len(networks))[:, None], self.index[networks]), 1.0)
        return out[:, :-1]  # the last column has gathered `NONE`

    def bounds(self, networks: Int[ndarray, " b"]) -> Layers:
        """Loop bounds (b, L) with padding at the end."""
        table = np.concatenate([self.layers.table(np.int64), _PADDING])
        return unpack(table[self.index[networks]])

    def first_of_equals(self, order: Int[ndarray, " n"]) -> Int[ndarray, " k"]:
        """`order` without the networks that have the very layers of one before them."""
        _, first = np.unique(self.index[order], axis=0, return_index=True)
        return order[np.sort(first)]


_PADDING = np.zeros((1, len(Layers.__dataclass_fields__)), dtype=np.int64)


def _distinct(table: Int[ndarray, "n f"]) -> tuple[Int[ndarray, " n"], Int[ndarray, "u f"]]:
    """(which distinct row each row is, the distinct rows): column by column, which is quick."""
    key = np.zeros(len(table), dtype=np.int64)
    for column in table.T:
        values, value = np.unique(column, return_inverse=True)
        _, key = np.unique(key * len(values) + value, return_inverse=True)
    _, first = np.unique(key, return_index=True)
    return key, table[first]
