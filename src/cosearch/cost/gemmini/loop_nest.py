"""A given loop nest of a convolution on a scratchpad array: bounds, tiles, outer loops.

Nothing is searched here: somebody else's mapper chose the nest, and a model says what it costs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Int

from cosearch.errors import CosearchError, unknown

Ints = Int[np.ndarray, "n"]
PerDim = Int[np.ndarray, "n 7"]

# Timeloop's names: batch, output channels, input channels, output x and y, kernel x and y.
DIMS: Final = "NKCPQRS"
N, K, C, P, Q, R, S = range(7)
_LEVEL = re.compile(r"(L\d)\s*\[[A-Z]*\]\s*(.*)")
_FACTOR = re.compile(r"([A-Z])(\d+)([XY]?)")
_LEVELS: Final = ("L3", "L2", "L1", "L0")


@dataclass(frozen=True)
class LoopNests:
    """`n` layers, each with its nest. Sizes in elements; columns of a pair are (y, x).

    `bounds` are the loops' ends, `tile` what one visit of the scratchpad covers of them, `order`
    the dimensions of the loops around a tile, outermost first.
    """

    bounds: PerDim
    tile: PerDim
    order: PerDim
    inputs: Int[np.ndarray, "n 2"]
    padding: Int[np.ndarray, "n 2"]
    stride: Int[np.ndarray, "n 2"]
    dilation: Int[np.ndarray, "n 2"]

    def __getitem__(self, which: Any) -> LoopNests:
        """The nests that an index or a mask of the rows picks."""
        return LoopNests(**{name: column[which] for name, column in vars(self).items()})

    @property
    def trips(self) -> PerDim:
        """How often each loop around the tile turns; the last turn may be a partial tile."""
        return -(-self.bounds // self.tile)

    @property
    def is_matmul(self) -> np.ndarray:
        """Whether a layer is a plain matrix product: one column of pixels, no kernel."""
        return np.all(self.bounds[:, [Q, R, S]] == 1, axis=1)


def loop_nests(
    bounds: PerDim,
    mappings: Sequence[str],
    stride: Int[np.ndarray, "n 2"] | None = None,
    dilation: Int[np.ndarray, "n 2"] | None = None,
) -> LoopNests:
    """Nests from Timeloop-like mapping strings, padded so that the output is `input / stride`.

    A string reads `L3[WIO] K8 - L2[WI] K16X - L1[O] C4 P8 C16X - L0[W] P16`: DRAM, scratchpad,
    accumulator, registers; a factor with X or Y is unrolled over the array.
    """
    found = [parse_mapping(text) for text in mappings]
    _check_sizes(bounds)
    ones = np.ones((len(found), 2), dtype=np.int64)
    stride = ones if stride is None else stride
    tile = np.array([row for row, _ in found], dtype=np.int64).reshape(-1, len(DIMS))
    return LoopNests(
        bounds=bounds,
        tile=np.minimum(tile, bounds),
        order=np.array([row for _, row in found], dtype=np.int64).reshape(-1, len(DIMS)),
        inputs=bounds[:, [Q, P]] * stride,
        padding=bounds[:, [S, R]] // 2,
        stride=stride,
        dilation=ones if dilation is None else dilation,
    )


def parse_mapping(text: str) -> tuple[list[int], list[int]]:
    """The tile (a size per dimension) and the order of the loops around it, outermost first.

    A dimension that the DRAM level does not name turns outside those that it names.
    """
    levels = _levels(text)
    tile = dict.fromkeys(DIMS, 1)
    for name in _LEVELS[1:]:
        for dim, factor in levels[name]:
            tile[dim] *= factor
    named = list(dict.fromkeys(dim for dim, _ in levels["L3"]))
    order = [dim for dim in "NQPKSRC" if dim not in named] + named
    return [tile[dim] for dim in DIMS], [DIMS.index(dim) for dim in order]


def _check_sizes(bounds: PerDim) -> None:
    for row, dim in np.argwhere(bounds < 1).tolist():
        raise CosearchError(f"nest {row}: {DIMS[dim]} = {bounds[row, dim]}: at least 1 is needed")


def _levels(text: str) -> Mapping[str, list[tuple[str, int]]]:
    levels: dict[str, list[tuple[str, int]]] = {}
    for part in text.split(" - "):
        match = _LEVEL.fullmatch(part.strip())
        if match is None or match[1] in levels:
            raise CosearchError(f"mapping {text!r}: {part!r} is no level such as 'L3[WIO] K8 P2'")
        levels[match[1]] = [_factor(word, text) for word in match[2].split()]
    if set(levels) != set(_LEVELS):
        raise CosearchError(f"mapping {text!r}: levels {sorted(levels)}, expected {_LEVELS}")
    return levels


def _factor(word: str, text: str) -> tuple[str, int]:
    match: Any = _FACTOR.fullmatch(word)
    if match is None:
        raise CosearchError(f"mapping {text!r}: {word!r} is no factor such as K8 or K16X")
    if match[1] not in DIMS:
        raise unknown(f"dimension in mapping {text!r}", match[1], DIMS)
    if int(match[2]) < 1:
        raise CosearchError(f"mapping {text!r}: {word!r} is less than 1")
    return match[1], int(match[2])
