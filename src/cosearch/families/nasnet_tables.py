"""NASNet genomes to cost rows by table.

No chain: what a cell costs depends on which of its states its blocks read. But what an operator
costs depends only on the place of the cell in the stack, on the operator, and on whether it reads
state 0, state 1, or a block's state one or two filters wide. So a network is a row of codes, one
for each operator, combination and joint, and each code finds its rows in a table (`gather.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from jaxtyping import Bool, Int
from numpy import ndarray

from cosearch.families.gather import Tables, gather
from cosearch.networks import Builder
from cosearch.networks.blocks.nasnet import (
    COMBINES,
    OPERATORS,
    combine,
    enter,
    match,
    shrink,
)
from cosearch.networks.layers import LAYER_FIELDS
from cosearch.networks.network import Shape
from cosearch.zoo.nasnet import Macro, Position, head, positions, stem

BLOCKS: Final = 5

Piece = Int[ndarray, "_ f"]  # cost rows of a part of a network
Codes = Int[ndarray, " n"]


@dataclass(frozen=True)
class Choices:
    """One kind of cell in n genomes. Widths are in filters of the cell."""

    kinds: Int[ndarray, "n b 2"]  # what an operator reads: state 0, state 1, a block 1 or 2 wide
    operators: Int[ndarray, "n b 2"]
    combines: Int[ndarray, "n b"]
    out: Bool[ndarray, "n s"]  # states put out
    width: Codes  # of the output

    @classmethod
    def of(cls, decisions: Int[ndarray, "n d"], keep: tuple[int, ...]) -> Choices:
        """Read the decisions of blocks: state, operator, state, operator, combination."""
        n, states = len(decisions), BLOCKS + 2
        by_block = decisions.reshape(n, BLOCKS, 5)
        read, operators, combines = by_block[..., 0:4:2], by_block[..., 1:4:2], by_block[..., 4]
        widths = np.ones((n, states), dtype=np.int64)
        widths[:, 2:] += combines
        out = np.ones((n, states), dtype=bool)
        np.put_along_axis(out, read.reshape(n, -1), False, axis=1)
        out |= np.isin(np.arange(states), keep)
        read_widths = np.take_along_axis(widths, read.reshape(n, -1), axis=1)
        kinds = np.where(read < 2, read, 1 + read_widths.reshape(read.shape))
        return cls(kinds, operators, combines, out, (widths * out).sum(1))


@dataclass(frozen=True)
class _Tensor:
    """A tensor between cells: which cell makes it, and its shapes by width less one."""

    maker: str  # stem, normal or reduction
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class NasnetTables:
    """The tables of a stack; `tensors` are the stem's and every cell's output."""

    positions: tuple[Position, ...]
    tensors: tuple[_Tensor, ...]
    tables: Tables

    @classmethod
    def of(cls, macro: Macro) -> NasnetTables:
        """Grow every distinct piece once."""
        image = (3, macro.resolution, macro.resolution)
        net = Builder("stem", image)
        tensors = [_Tensor("stem", (net.shape(stem(net, "input", macro)),))]
        slots = [[_piece(partial(stem, macro=macro), image)]]
        for position in positions(macro):
            output = _output(position, tensors[position.current])
            slots += _slots(position, tensors, output)
            tensors.append(output)
        slots.append([_piece(partial(head, macro=macro), shape) for shape in tensors[-1].shapes])
        return cls(tuple(positions(macro)), tuple(tensors), _pack(slots))

    def gather(self, normal: Choices, reduction: Choices) -> Int[ndarray, "n l f"]:
        """Rows of every genome, shape (n, L, fields), int32."""
        codes = np.stack(list(self._codes({"normal": normal, "reduction": reduction})), axis=1)
        return gather(np.ascontiguousarray(codes, dtype=np.int64), self.tables)

    def _codes(self, cells: dict[str, Choices]) -> Iterator[Codes]:
        """A code per slot, in the order of `_slots`."""
        none = np.zeros(len(cells["normal"].width), dtype=np.int64)
        makers = {"stem": none} | {name: cell.width - 1 for name, cell in cells.items()}
        widths = [makers[tensor.maker] for tensor in self.tensors]
        yield none
        for position, output in zip(self.positions, self.tensors[1:], strict=True):
            chosen = cells[output.maker]
            if position.previous is not None:
                yield widths[position.previous]
            yield widths[position.current]
            for i in range(BLOCKS):
                for side in range(2):
                    kind, operator = chosen.kinds[:, i, side], chosen.operators[:, i, side]
                    yield kind * len(OPERATORS) + operator
                yield chosen.combines[:, i]
            yield chosen.out[:, 0].astype(np.int64)
            yield chosen.out[:, 1].astype(np.int64)
            yield np.where(chosen.out.sum(1) > 1, chosen.width, 0)
        yield widths[-1]


# ---- building


def _output(position: Position, current: _Tensor) -> _Tensor:
    """A cell's output: at most both its inputs, and every block two filters wide."""
    stride = 2 if position.reduces else 1
    size = tuple(-(-length // stride) for length in current.shapes[0][1:])
    shapes = tuple((width * position.filters, *size) for width in range(1, 2 * BLOCKS + 3))
    return _Tensor("reduction" if position.reduces else "normal", shapes)


def _slots(
    position: Position, tensors: Sequence[_Tensor], output: _Tensor
) -> Iterator[list[Piece]]:
    """The pieces of each slot of a cell, by code."""
    filters, single = position.filters, output.shapes[0]
    current = tensors[position.current].shapes
    first = second = (filters, *current[0][1:])  # states 0 and 1
    if position.previous is None:
        second = current[0]
    else:
        grow = partial(match, filters=filters, name="x")
        yield [_piece(grow, shape, first) for shape in tensors[position.previous].shapes]
    yield [_piece(partial(enter, filters=filters, name="x"), shape) for shape in current]
    operators = _operators((first, second, *output.shapes[:2]), position)
    combines = [_piece(partial(combine, name="x", how=how), single, single) for how in COMBINES]
    for _ in range(BLOCKS):
        yield operators
        yield operators
        yield combines
    for state in (first, second):
        grow = partial(shrink, filters=filters, size=single[1:], name="x")
        yield [_NOTHING, _piece(grow, state)]
    yield [_NOTHING, *(_piece(_join, shape) for shape in output.shapes)]


def _operators(kinds: Sequence[Shape], position: Position) -> list[Piece]:
    """Every operator on every kind of state; the cell's inputs are strided."""
    pieces = []
    for kind, shape in enumerate(kinds):
        stride = 2 if position.reduces and kind < 2 else 1
        for operator in OPERATORS.values():
            grow: Callable[..., str] = operator
            grow = partial(grow, filters=position.filters, name="x", stride=stride)
            pieces.append(_piece(grow, shape))
    return pieces


def _join(net: Builder, source: str) -> str:
    """What a concatenation costs depends on its result only."""
    return net.concat((source,), "x")


def _piece(grow: Callable[..., str], *shapes: Shape) -> Piece:
    """Cost rows of what `grow` adds to tensors of `shapes`."""
    net = Builder("piece", shapes[0])
    others = [
        net.add_node("input", (), shape, f"input{i}") for i, shape in enumerate(shapes[1:], start=1)
    ]
    grow(net, "input", *others)
    rows = [bounds for _, bounds in net.build().bounds]
    return np.array(rows, dtype=np.int64).reshape(-1, len(LAYER_FIELDS))


def _pack(slots: Sequence[list[Piece]]) -> Tables:
    """Tables whose genomes are codes, a column per slot."""
    pieces: list[Piece] = []
    parts = []
    for column, slot in enumerate(slots):
        numbers = list(range(len(pieces), len(pieces) + len(slot)))
        parts.append(([column], [len(slot)], numbers, [0] * len(slot)))
        pieces += slot
    return Tables.pack(-1, parts, pieces)


_NOTHING: Final = np.zeros((0, len(LAYER_FIELDS)), dtype=np.int64)
