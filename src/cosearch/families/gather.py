"""Genomes to cost rows by table look-up, compiled: one pass, bound by writing the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Int
from numba import njit
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.networks.layers import LAYER_FIELDS

_FIELDS: Final = len(LAYER_FIELDS)

SlotPart = tuple[list[int], list[int], list[int], list[int]]


@dataclass(frozen=True)
class Tables:
    """Slots flattened end to end.

    `slots` has a row per slot: where its knobs, its codes and its rows of the output begin, and
    how many rows it fills. A code is the state, then the knobs, in mixed radix.
    """

    resolution: int  # genome column of the first state; -1: there is one
    slots: Int[ndarray, "s 4"]
    knobs: Int[ndarray, "k 2"]  # genome column, cardinality
    codes: Int[ndarray, "c 2"]  # where the block's rows begin in `rows`, next state
    counts: Int[ndarray, " c"]  # rows of the block; the rest of the slot is padding
    rows: Int[ndarray, "r f"]
    width: int  # rows of one network

    @classmethod
    def pack(
        cls, resolution: int, parts: Sequence[SlotPart], blocks: Sequence[Int[ndarray, "_ f"]]
    ) -> Tables:
        """Join slots as (knob columns, cardinalities, block by code, next state by code)."""
        lengths = np.array([len(block) for block in blocks])
        starts = np.cumsum(lengths) - lengths
        slots: list[tuple[int, ...]] = []
        knobs: list[tuple[int, int]] = []
        codes: list[tuple[int, int]] = []
        counts: list[int] = []
        at = 0
        for columns, sizes, numbers, following in parts:
            fills = int(lengths[numbers].max())
            slots.append((len(knobs), len(codes), at, fills))
            knobs += list(zip(columns, sizes, strict=True))
            codes += list(zip(starts[numbers].tolist(), following, strict=True))
            counts += lengths[numbers].tolist()
            at += fills
        slots.append((len(knobs), len(codes), at, 0))
        rows = np.concatenate([*blocks, np.zeros((0, len(LAYER_FIELDS)))])
        if rows.max(initial=0) > np.iinfo(np.int32).max:
            raise CosearchError(f"a loop bound of {rows.max():.0f} is more than an int32 holds")
        return cls(
            resolution,
            np.array(slots, dtype=np.int64),
            np.array(knobs, dtype=np.int64).reshape(-1, 2),
            np.array(codes, dtype=np.int64),
            np.array(counts, dtype=np.int64),
            rows.astype(np.int32),
            at,
        )


def gather(genomes: Int[ndarray, "n d"], tables: Tables) -> Int[ndarray, "n l f"]:
    """Rows of every genome, shape (n, L, fields), int32. Genomes must be in range."""
    out = np.empty((len(genomes), tables.width * _FIELDS), dtype=np.int32)
    _gather(
        genomes,
        tables.resolution,
        tables.slots,
        tables.knobs,
        tables.codes,
        tables.counts,
        tables.rows.reshape(-1),
        out,
    )
    return out.reshape(len(genomes), tables.width, _FIELDS)


@njit(cache=True, nogil=True)
def _gather(genomes, resolution, slots, knobs, codes, counts, rows, out):  # type: ignore[no-untyped-def]
    for n in range(len(genomes)):
        row = out[n]
        state = genomes[n, resolution] if resolution >= 0 else 0
        for s in range(len(slots) - 1):
            code = state
            for k in range(slots[s, 0], slots[s + 1, 0]):
                code = code * knobs[k, 1] + genomes[n, knobs[k, 0]]
            code += slots[s, 1]
            start, at = codes[code, 0] * _FIELDS, slots[s, 2] * _FIELDS
            filled, end = counts[code] * _FIELDS, slots[s, 3] * _FIELDS
            row[at : at + filled] = rows[start : start + filled]
            row[at + filled : at + end] = 0
            state = codes[code, 1]
