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
_CACHE_BYTES: Final = 400_000  # a share of a core's second-level cache

SlotPart = tuple[list[int], list[int], list[int], list[int]]


@dataclass(frozen=True)
class Tables:
    """Slots flattened end to end.

    `slots` has a row per slot: where its knobs, its codes and its rows of the output begin, and
    how many rows it fills. A code is the state, then the knobs, in mixed radix.

    Where all blocks together fit a core's cache, their rows stand one after another (`blocks`
    counts up) and are copied in one go; else `blocks` holds numbers of distinct rows, which fit.
    """

    resolution: int  # genome column of the first state; -1: there is one
    slots: Int[ndarray, "s 4"]
    knobs: Int[ndarray, "k 2"]  # genome column, cardinality
    codes: Int[ndarray, "c 3"]  # where the block begins in `blocks`, its rows, next state
    blocks: Int[ndarray, " b"]  # numbers of rows
    rows: Int[ndarray, "r f"]  # the first is padding
    together: bool  # whether a block's rows are neighbours
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
        codes: list[ndarray] = []
        seen = at = 0
        for columns, sizes, numbers, following in parts:
            fills = int(lengths[numbers].max())
            slots.append((len(knobs), seen, at, fills))
            knobs += list(zip(columns, sizes, strict=True))
            codes.append(np.stack([starts[numbers], lengths[numbers], following], axis=1))
            seen += len(numbers)
            at += fills
        slots.append((len(knobs), seen, at, 0))
        rows, inverse, together = _rows(np.concatenate(blocks))
        return cls(
            resolution,
            np.array(slots, dtype=np.int64),
            np.array(knobs, dtype=np.int64).reshape(-1, 2),
            np.concatenate(codes).astype(np.int32),
            inverse.astype(np.int32),
            rows,
            together,
            at,
        )


def _rows(rows: Int[ndarray, "n f"]) -> tuple[Int[ndarray, "r f"], Int[ndarray, " n"], bool]:
    """(a row of zeros and the rows, which of them each row is, whether that counts up)."""
    if rows.max(initial=0) > np.iinfo(np.int32).max:
        raise CosearchError(f"a loop bound of {rows.max()} is more than an int32 holds")
    together = rows.size * 4 <= _CACHE_BYTES
    inverse = np.arange(len(rows))
    if not together:
        rows, inverse = np.unique(rows, axis=0, return_inverse=True)
    padding = np.zeros((1, rows.shape[1]), dtype=rows.dtype)
    return np.concatenate([padding, rows]).astype(np.int32), inverse.reshape(-1) + 1, together


def gather(genomes: Int[ndarray, "n d"], tables: Tables) -> Int[ndarray, "n l f"]:
    """Rows of every genome, shape (n, L, fields), int32. Genomes must be in range."""
    out = np.empty((len(genomes), tables.width * _FIELDS), dtype=np.int32)
    _gather(
        genomes,
        tables.resolution,
        tables.slots,
        tables.knobs,
        tables.codes,
        tables.blocks,
        tables.rows.reshape(-1),
        tables.together,
        out,
    )
    return out.reshape(len(genomes), tables.width, _FIELDS)


@njit(cache=True, nogil=True)
def _gather(genomes, resolution, slots, knobs, codes, blocks, rows, together, out):  # type: ignore[no-untyped-def]
    for n in range(len(genomes)):
        target = out[n]
        state = genomes[n, resolution] if resolution >= 0 else 0
        for s in range(len(slots) - 1):
            code = state
            for k in range(slots[s, 0], slots[s + 1, 0]):
                code = code * knobs[k, 1] + genomes[n, knobs[k, 0]]
            code += slots[s, 1]
            start, count, at = codes[code, 0], codes[code, 1], slots[s, 2]
            if together:
                first, filled = blocks[start] * _FIELDS if count else 0, (at + count) * _FIELDS
                target[at * _FIELDS : filled] = rows[first : first + count * _FIELDS]
                target[filled : (at + slots[s, 3]) * _FIELDS] = 0
            else:
                for i in range(slots[s, 3]):
                    row = blocks[start + i] * _FIELDS if i < count else 0
                    for field in range(_FIELDS):
                        target[(at + i) * _FIELDS + field] = rows[row + field]
            state = codes[code, 2]
