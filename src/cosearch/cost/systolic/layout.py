"""One layer laid out on one array: who moves, who is held, and where every word lies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy import ndarray

from cosearch.hardware.systolic import DATAFLOWS, FILTERS, PIXELS, WINDOW, Dataflow


class Shape(NamedTuple):
    """The ints of a layer and an array that a replay depends on; memories in words."""

    in_channels: int
    filters: int
    out_y: int
    out_x: int
    high: int  # of the input in memory
    wide: int
    kernel_y: int
    kernel_x: int
    stride: int
    dilation: int
    rows: int
    cols: int
    dataflow: int
    ifmap: int
    filter: int
    ofmap: int
    words_per_cycle: int  # 0: unlimited

    @property
    def flow(self) -> Dataflow:
        """The row of the table."""
        return DATAFLOWS[self.dataflow]

    @property
    def sides(self) -> tuple[int, int, int]:
        """M, K, N."""
        window = self.kernel_y * self.kernel_x * self.in_channels
        return self.out_y * self.out_x, window, self.filters

    @property
    def folds(self) -> tuple[int, int]:
        """Of the columns, of the rows."""
        along_cols, along_rows = self.sides[self.flow.cols], self.sides[self.flow.rows]
        return -(-along_cols // self.cols), -(-along_rows // self.rows)

    @property
    def preload(self) -> int:
        """Cycles in which the held operand is shifted in."""
        return self.rows if self.flow.preload else 0

    @property
    def fold_cycles(self) -> int:
        """Of one fold."""
        return self.sides[self.flow.time] + self.preload + self.rows + self.cols - 2


class Operand(NamedTuple):
    """An operand as `systolic_reads` takes it, the memory it lies in, and its padded size."""

    steps: ndarray
    lanes: ndarray
    fields: ndarray
    addresses: int
    words: int
    padded: int  # words with the lanes filled up to whole folds


def ifmap(shape: Shape) -> Operand:
    """The input, one word per pixel and tap, channels last."""
    y, x = (part.ravel() * shape.stride for part in np.indices((shape.out_y, shape.out_x)))
    taps = np.indices((shape.kernel_y, shape.kernel_x, shape.in_channels))
    tap_y, tap_x, channel = (part.ravel() for part in taps)
    tap_y, tap_x = tap_y * shape.dilation, tap_x * shape.dilation
    pixels = np.stack(((y * shape.wide + x) * shape.in_channels, y, x), axis=1)
    address = (tap_y * shape.wide + tap_x) * shape.in_channels + channel
    window = np.stack((address, tap_y, tap_x), axis=1)
    size = (shape.high, shape.wide)
    addresses = shape.high * shape.wide * shape.in_channels
    return _operand(shape, {PIXELS: pixels, WINDOW: window}, size, addresses, shape.ifmap)


def filters(shape: Shape) -> Operand:
    """The weights, one word per tap and filter."""
    _, taps, count = shape.sides
    window, columns = np.zeros((taps, 3), dtype=np.int64), np.zeros((count, 3), dtype=np.int64)
    window[:, 0] = np.arange(taps) * count
    columns[:, 0] = np.arange(count)
    parts = {WINDOW: window, FILTERS: columns}
    return _operand(shape, parts, (1, 1), taps * count, shape.filter)


def _operand(
    shape: Shape, parts: dict[int, ndarray], size: tuple[int, int], addresses: int, words: int
) -> Operand:
    """What has the side that runs in time moves; the other operand is held."""
    flow = shape.flow
    moving = flow.time in parts
    steps = flow.time if moving else flow.rows
    (lanes,) = parts.keys() - {steps}
    on_cols = lanes == flow.cols
    width = shape.cols if on_cols else shape.rows
    lead = shape.preload if moving else 0
    fields = (width, shape.rows, *size, moving, on_cols, *shape.folds, shape.fold_cycles, lead)
    padded = len(parts[steps]) * -(-len(parts[lanes]) // width) * width
    return Operand(parts[steps], parts[lanes], np.array(fields), addresses, words, padded)


def outputs(shape: Shape) -> ndarray:
    """The output as `systolic_timing` takes it: held sums leave at the end, others as they come."""
    flow, held = shape.flow, not shape.flow.preload
    lines = shape.sides[flow.rows if held else flow.time]
    first = shape.sides[flow.time] - 1 if held else 2 * shape.rows - 1
    fold_lines = shape.rows if held else lines
    lanes = shape.sides[flow.cols]
    fields = (*shape.folds, shape.fold_cycles, first, lanes, lines, fold_lines, held)
    return np.array((shape.cols, *fields))
