"""Places the operators of a network left to right, wrapped in rows, blocks kept together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from cosearch.networks import Network, Node

MOST_WIDTH: Final = 1080
LEAST_WIDTH: Final = 840
MARGIN: Final = 26  # left and right, where links change rows
BOX: Final = (88, 42)
GAP: Final = 16  # between boxes of one block
BLOCK_GAP: Final = 30
PAD: Final = 7  # between a block's frame and its boxes
ROW: Final = 112  # from one row's top to the next
TOP: Final = 40  # from a row's top to its boxes: room for shortcuts


@dataclass(frozen=True)
class Box:
    """A placed operator; (x, y) is its top left corner."""

    node: Node
    row: int
    x: float

    @property
    def y(self) -> float:
        """Top edge."""
        return self.row * ROW + TOP

    @property
    def middle(self) -> float:
        """Height at which links enter and leave."""
        return self.y + BOX[1] / 2


@dataclass(frozen=True)
class Frame:
    """The outline of a block within one row."""

    label: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Layout:
    """All boxes in execution order, and the frames of the blocks of several operators."""

    boxes: tuple[Box, ...]
    frames: tuple[Frame, ...]
    width: int

    @property
    def height(self) -> float:
        """Height of the picture."""
        return (self.boxes[-1].row + 1) * ROW - 6


def place(network: Network) -> Layout:
    """Fill rows with whole blocks, as narrow as the fewest rows allow: no row nearly empty."""
    pieces = list(_pieces(network.nodes))
    widest = max(_width(len(nodes)) for _, nodes in pieces) + 2 * MARGIN
    best = _fill(pieces, MOST_WIDTH)
    for width in range(MOST_WIDTH, int(max(LEAST_WIDTH, widest)), -20):
        layout = _fill(pieces, width)
        if layout.height > best.height:
            break
        best = layout
    return best


def _fill(pieces: Sequence[tuple[str, list[Node]]], width: int) -> Layout:
    """Put pieces in rows of `width`, one after the other."""
    boxes: list[Box] = []
    frames: list[Frame] = []
    row, x = 0, float(MARGIN)
    for label, nodes in pieces:
        wide = _width(len(nodes))
        if x > MARGIN and x + wide > width - MARGIN:
            row, x = row + 1, float(MARGIN)
        placed = [Box(n, row, x + PAD + i * (BOX[0] + GAP)) for i, n in enumerate(nodes)]
        boxes += placed
        if len(nodes) > 1:
            frames.append(Frame(label, tuple(placed)))
        x += wide + BLOCK_GAP
    return Layout(tuple(boxes), tuple(frames), width)


def _pieces(nodes: Sequence[Node]) -> Iterator[tuple[str, list[Node]]]:
    """Runs of nodes of one block, at most a row long."""
    most = int((MOST_WIDTH - 2 * MARGIN - 2 * PAD + GAP) // (BOX[0] + GAP))
    keyed = ((_block(node) or (node.name,), node) for node in nodes)
    for key, run in groupby(keyed, key=lambda pair: pair[0]):
        members = [node for _, node in run]
        for start in range(0, len(members), most):
            yield key if isinstance(key, str) else "", members[start : start + most]


def _block(node: Node) -> str:
    """``stage0.block1`` of ``stage0.block1.expand``."""
    return node.name.rpartition(".")[0]


def _width(boxes: int) -> float:
    return 2 * PAD + boxes * BOX[0] + (boxes - 1) * GAP
