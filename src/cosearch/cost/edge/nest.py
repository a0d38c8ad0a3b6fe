"""A mapping as a loop nest: what the mapper chose for a layer, as data and as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.cost.edge.dataflows import (
    CORE,
    DATAFLOWS,
    DIMENSIONS,
    LANE,
    LEVELS,
    PE_X,
    PE_Y,
    SIMD,
    STATIONARY,
    C,
    F,
    G,
    K,
    X,
    Y,
)
from cosearch.cost.edge.layer_bytes import L_C, L_G, L_K, L_R, L_S, L_X, L_Y
from cosearch.cost.edge.mapper import (
    A_PX,
    A_PY,
    A_SIMD,
    M_C,
    M_CORES,
    M_DATAFLOW,
    M_HELD,
    M_K,
    M_LANES,
    M_STATIONARY,
    M_Y,
)
from cosearch.hardware import Accelerators
from cosearch.networks import Layers

# Which tiles are walked, outer to inner, for each of STATIONARY.
_TILE_ORDER: Final = ((K, C, Y), (K, Y, C), (Y, C, K), (K, C, Y))


@dataclass(frozen=True)
class Loop:
    """Splits what is left of a dimension into chunks of `step`; `ways` of them at once, if > 1."""

    level: str
    dimension: int
    extent: int  # of the largest chunk there is to split
    step: int
    ways: int = 1

    def __str__(self) -> str:
        name = DIMENSIONS[self.dimension].lower()
        word = (
            f"parallel-for {name} on {self.ways} of {self.level}"
            if self.ways > 1
            else f"for {name}"
        )
        return f"{word} in 0:{self.extent} step {self.step}"


@dataclass(frozen=True)
class Nest:
    """The loops of one layer on one chip, outermost first."""

    loops: tuple[Loop, ...]
    stationary: str
    held_bytes: int  # the stationary tile, once

    def __str__(self) -> str:
        lines = [f"{'  ' * depth}{loop}" for depth, loop in enumerate(self.loops)]
        kept = f"core memory keeps the {self.stationary} tile: {self.held_bytes:,} B, twice"
        return "\n".join([*lines, f"{'  ' * len(self.loops)}multiply-accumulate", kept])


def nest(layer: Layers, chip: Accelerators, answer: Float[ndarray, " q"]) -> Nest:
    """The nest of one MAC row (shape ()) on one chip, from `EdgeModel.map`'s answer for them."""
    bounds, sizes = layer.table(np.int64).tolist(), chip.table().astype(int).tolist()
    left = [1] * 6
    left[G], left[K], left[C], left[Y], left[X] = (bounds[i] for i in (L_G, L_K, L_C, L_Y, L_X))
    left[F] = bounds[L_R] * bounds[L_S]
    row = DATAFLOWS[int(answer[M_DATAFLOW])].tolist()
    stationary = int(answer[M_STATIONARY])
    tiles = {K: int(answer[M_K]), C: int(answer[M_C]), Y: int(answer[M_Y])}
    across = ((PE_X, sizes[A_PX]), (PE_Y, sizes[A_PY]), (CORE, int(answer[M_CORES])))
    within = ((LANE, int(answer[M_LANES])), (SIMD, sizes[A_SIMD]))
    loops = [
        *_spread(left, row, across),
        *_tiled(left, [(d, tiles[d]) for d in _TILE_ORDER[stationary]]),
        *_tiled(left, _at_once(row, within)),
        *_spread(left, row, within),
    ]
    return Nest(tuple(loops), STATIONARY[stationary], int(answer[M_HELD]))


def _spread(
    left: list[int], row: Sequence[int], levels: Sequence[tuple[int, int]]
) -> Iterator[Loop]:
    """Share a dimension out over the units of each level."""
    for level, ways in levels:
        d = row[level]
        step = -(-left[d] // ways)
        used = -(-left[d] // step)
        if used > 1:
            yield Loop(LEVELS[level], d, left[d], step, used)
        left[d] = step


def _tiled(left: list[int], tiles: Sequence[tuple[int, int]]) -> Iterator[Loop]:
    """Walk a dimension tile by tile."""
    for d, tile in tiles:
        step = min(tile, left[d])
        if step < left[d]:
            yield Loop("time", d, left[d], step)
        left[d] = step


def _at_once(row: Sequence[int], within: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """How much of each dimension the lanes and their SIMD take in a cycle, outermost first."""
    taken = {row[level]: ways for level, ways in within}
    return [(d, taken.get(d, 1)) for d in (G, K, C, Y, X, F)]
