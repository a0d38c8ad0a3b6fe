"""SCALE-Sim's double-buffered memories, refill by refill; nothing in it is fitted.

Quirks and all: overlapping windows are fetched as often as they are read, memories refill in a
ring, waits count twice, partial sums leave once per fold and never come back.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy import ndarray

from cosearch.cost.systolic.folds import Run, compute_cycles, sides, stored
from cosearch.cost.systolic.layout import Operand, Shape, filters, ifmap, outputs
from cosearch.cost.systolic.reads import LEAD, MOVING, NO_MISSES, ROWS, read_misses, touched
from cosearch.cost.systolic.timing import timing
from cosearch.errors import CosearchError
from cosearch.hardware.systolic import SystolicArrays
from cosearch.networks import Kind, Layers

_MOST_WORDS: Final = 2**28  # of an operand as the array reads it: the replay lists them all
_FIRST_FILL: Final = 10  # words a cycle before the start, where the bandwidth is unlimited
_SETS: Final = 100  # a memory is kept account of in so many pieces
_OPERANDS: Final = (ifmap, filters)


class _Reads(NamedTuple):
    """What one read port did."""

    misses: ndarray  # (events, 2): line, refills
    refill_cycles: int
    words: int
    start: int  # cycle of the first; the array starts at 0


def replay(layers: Layers, chips: SystolicArrays) -> Run:
    """Layers (..., L) x chips (..., 1) -> Run (..., L) of one group: SCALE-Sim 3.0.0's figures.

    A port of less than one word a cycle is none of SCALE-Sim's: infinite cycles. Rows that do not
    multiply, and padding, are all 0. Milliseconds a layer, once for each distinct one.
    """
    shape = np.broadcast_shapes(layers.shape, chips.shape)
    multiplies = (layers.kind == Kind.MAC) | (layers.kind == Kind.MATMUL)
    where = np.broadcast_to(multiplies & (layers.repeat > 0), shape)
    cycles = np.where(where, compute_cycles(sides(layers), chips), 0.0)
    table = np.stack([np.broadcast_to(column, shape) for column in _columns(layers, chips)], -1)
    out = np.zeros((*shape, 5))
    out[where] = np.array([_one(Shape(*row)) for row in table[where].tolist()]).reshape(-1, 5)
    return Run(cycles, *np.moveaxis(out, -1, 0))


def _columns(layers: Layers, chips: SystolicArrays) -> list[ndarray]:
    """The fields of `Shape` as int columns."""
    memories = (chips.ifmap_bytes, chips.filter_bytes, chips.ofmap_bytes)
    width = np.where(np.isinf(chips.words_per_cycle), 0, chips.words_per_cycle + 1e-6)
    columns = (
        layers.in_channels,
        layers.out_channels,
        layers.out_y,
        layers.out_x,
        *stored(layers),
        layers.kernel_y,
        layers.kernel_x,
        layers.stride,
        layers.dilation,
        chips.rows,
        chips.cols,
        chips.dataflow,
        *(memory // chips.operand_bytes for memory in memories),
        np.where((width > 0) & (width < 1), -1, width),
    )
    return [np.asarray(column).astype(np.int64) for column in columns]


@lru_cache(maxsize=2**16)
def _one(shape: Shape) -> tuple[float, ...]:
    """Stall and span cycles; words of input, filters and output through DRAM."""
    width = shape.words_per_cycle
    if width < 0:
        return (np.inf,) * 5
    reads = [_limited(shape, of, width) if width else _unlimited(of(shape)) for of in _OPERANDS]
    refill = np.array([port.refill_cycles for port in reads])
    first, second = (port.misses for port in reads)
    line_words = width or shape.cols
    stall, written, last = timing(first, second, refill, outputs(shape), shape.ofmap, line_words)
    span = last - min(port.start for port in reads)
    return stall, span, reads[0].words, reads[1].words, written


def _limited(shape: Shape, of: Callable[[Shape], Operand], width: int) -> _Reads:
    """Half of the memory is filled before the start; every refill takes the other half's words."""
    misses, padded, memory = _misses(shape._replace(words_per_cycle=1), of)
    half = -(-memory // 2)
    first = min(-(-half // width), -(-padded // width))
    lines = -(-(memory - half) // width)
    words = (first + int(misses[:, 1].sum()) * lines) * width
    return _Reads(misses, lines + 1, words, -first)


@lru_cache(maxsize=2**10)
def _misses(shape: Shape, of: Callable[[Shape], Operand]) -> tuple[ndarray, int, int]:
    """Misses, padded words and memory of an operand: the same at any bandwidth."""
    operand = of(shape)
    _check_size(operand)
    misses = read_misses(
        operand.steps, operand.lanes, operand.fields, operand.addresses, operand.words
    )
    return misses, operand.padded, operand.words


def _unlimited(operand: Operand) -> _Reads:
    """Nothing waits; what is asked for first half a memory at a time is fetched."""
    _check_size(operand)
    per_set = max(1, operand.words // _SETS)
    half = _SETS // 2 * per_set
    words = touched(operand.steps, operand.lanes, operand.fields, operand.addresses, half)
    first = _first_request(operand) if words >= half else 0
    sets = min(_SETS // 2, -(-words // per_set))
    return _Reads(NO_MISSES, 0, words, first - -(-sets * per_set // _FIRST_FILL))


def _first_request(operand: Operand) -> int:
    """Line of the first word asked for: idle rows are shifted in before those of a held operand."""
    fields = operand.fields
    idle = 0 if fields[MOVING] else max(0, fields[ROWS] - len(operand.steps))
    return int(fields[LEAD] + idle)


def _check_size(operand: Operand) -> None:
    if operand.padded <= _MOST_WORDS:
        return
    raise CosearchError(
        f"replay of a layer: an operand of {operand.padded} words, allowed are {_MOST_WORDS};"
        " memory 'stream' has no such limit"
    )
