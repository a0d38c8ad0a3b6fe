"""Rows of DOSA's FireSim files as loop nests, the way its test programs executed them."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cosearch.cost.gemmini.loop_nest import DIMS, C, K, LoopNests, P, Q, R, S, loop_nests
from cosearch.errors import CosearchError

BLOCK = 16
BOUNDS = [f"prob.{dim}" for dim in DIMS]
STRIDE = ["prob.Hstride", "prob.Wstride"]
DILATION = ["prob.Hdilation", "prob.Wdilation"]
NEEDED = ["mapping.mapping", "target.cycle", "target.gemmini_cycle", *BOUNDS, *STRIDE, *DILATION]


@dataclass(frozen=True)
class Rows:
    """Measured rows: nests as executed, FireSim's and Timeloop's cycles, the problem's name."""

    nests: LoopNests
    measured: np.ndarray
    timeloop: np.ndarray
    problems: np.ndarray
    mappings: list[str]

    def __len__(self) -> int:
        return len(self.mappings)


def read(path: Path) -> Rows:
    """The rows of a file with the columns of DOSA's firesim_test_data."""
    with path.open(newline="") as file:
        table = list(csv.DictReader(file))
    if not table:
        raise CosearchError(f"{path}: no rows")
    missing = [name for name in NEEDED if name not in table[0]]
    if missing:
        raise CosearchError(f"{path}: columns {', '.join(missing)} are missing")
    bounds, stride, dilation = (_whole(table, names) for names in (BOUNDS, STRIDE, DILATION))
    mappings = [row["mapping.mapping"] for row in table]
    nests = executed(loop_nests(bounds, mappings, stride, dilation))
    shape = np.hstack([bounds, stride, dilation])
    names = [" ".join(map(str, row)) for row in shape]
    measured, timeloop = (_cycles(table, f"target.{name}cycle") for name in ("gemmini_", ""))
    return Rows(nests, measured, timeloop, np.array(names), mappings)


def executed(nest: LoopNests) -> LoopNests:
    """What the test programs made of a nest.

    Convolutions were padded by half a kernel on every side, which for an even kernel gives one
    output row and column more. Matrix products were tiled by whole blocks, rounded down.
    """
    bounds, tile = nest.bounds.copy(), nest.tile.copy()
    taps = (bounds[:, [S, R]] - 1) * nest.dilation + 1
    out = (nest.inputs + 2 * nest.padding - taps) // nest.stride + 1
    plain = nest.is_matmul
    bounds[~plain, Q], bounds[~plain, P] = out[~plain, 0], out[~plain, 1]
    for dim in (P, K, C):
        blocks = np.maximum(tile[plain, dim] // BLOCK, 1) * BLOCK
        tile[plain, dim] = np.minimum(blocks, bounds[plain, dim])
    return replace(nest, bounds=bounds, tile=tile)


def family(nest: LoopNests) -> np.ndarray:
    """A word for each row: matmul, or the kernel's size and whether it skips."""
    names = [f"{s}x{r}" for s, r in nest.bounds[:, [S, R]]]
    skips = np.where(nest.stride.max(axis=1) > 1, " strided", "")
    return np.where(nest.is_matmul, "matmul", np.char.add(names, skips))


def _cycles(table: list[dict[str, str]], name: str) -> np.ndarray:
    values = [float(row[name] or "nan") for row in table]
    if not all(value > 0 for value in values):
        raise CosearchError(f"column {name}: a number above 0 is needed in every row")
    return np.array(values)


def _whole(table: list[dict[str, str]], names: list[str]) -> np.ndarray:
    try:
        return np.array([[int(float(row[name])) for name in names] for row in table])
    except ValueError as error:
        raise CosearchError(f"columns {', '.join(names)}: {error}") from error
