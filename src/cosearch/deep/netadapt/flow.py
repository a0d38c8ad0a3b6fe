"""Channels followed through a network: which element of which tensor is the same channel.

Every channel that a weighted operator makes gets a number; 0 stands for what cannot be cut. The
numbers of a tensor are an array that broadcasts to its shape: axes along which nothing changes
have size 1. Numbers that must come and go together are linked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from cosearch.networks import Node
from cosearch.networks.network import Shape

Ids = Int[ndarray, "..."]


class Links:
    """Numbers given out so far, and pairs of them that belong together."""

    def __init__(self) -> None:
        self.count = 1
        self._pairs: list[tuple[ndarray, ndarray]] = []

    def fresh(self, channels: int) -> Int[ndarray, " n"]:
        """New numbers."""
        self.count += channels
        return np.arange(self.count - channels, self.count)

    def link(self, first: Ids, second: Ids) -> None:
        """Element by element, broadcast."""
        a, b = np.broadcast_arrays(first, second)
        self._pairs.append((a.ravel(), b.ravel()))

    def fix(self, *tensors: Ids) -> None:
        """None of these can be cut."""
        for ids in tensors:
            self.link(ids, np.zeros(1, dtype=np.int64))

    def along(self, ids: Ids, axis: int, size: int) -> Int[ndarray, " n"]:
        """The numbers along one axis, of that size; what lies across is linked."""
        rows = np.moveaxis(ids, axis, 0)
        rows = np.broadcast_to(rows, (size, *rows.shape[1:])).reshape(size, -1)
        self.link(rows[:, :1], rows)
        return rows[:, 0]

    def straighten(self, ids: Ids) -> Ids:
        """Let `ids` change along one axis only, the longest: cuts must leave a whole tensor."""
        if sum(size > 1 for size in ids.shape) > 1:
            axis = int(np.argmax(ids.shape))
            self.along(ids, axis, ids.shape[axis])
        return ids

    def classes(self) -> Int[ndarray, " count"]:
        """A class for each number; linked ones share it."""
        a, b = (np.concatenate(side) for side in zip(*self._pairs, strict=True))
        graph = coo_matrix((np.ones(len(a), dtype=bool), (a, b)), (self.count, self.count))
        return connected_components(graph, directed=False)[1]


def lean(ids: Ids) -> Ids:
    """Size 1 for axes along which nothing changes."""
    for axis in range(ids.ndim):
        first = ids.take([0], axis)
        if (ids == first).all():
            ids = first
    return ids


def full(ids: Ids, shape: Shape) -> Ids:
    """The number of every element."""
    return np.broadcast_to(ids, shape)


def follow(links: Links, node: Node, sources: Sequence[Ids], shapes: Sequence[Shape]) -> Ids:
    """The numbers of what `node` puts out; `shapes` are of its sources."""
    return links.straighten(_FLOWS.get(node.op, _fixed)(links, node, sources, shapes))


Flow = Callable[[Links, Node, Sequence[Ids], Sequence[Shape]], Ids]


def _fixed(links: Links, node: Node, sources: Sequence[Ids], shapes: Sequence[Shape]) -> Ids:
    """Whatever mixes channels in a way of its own (attention, norms over channels)."""
    links.fix(*sources)
    return np.zeros((1,) * len(node.shape), dtype=np.int64)


def _same(links: Links, node: Node, sources: Sequence[Ids], shapes: Sequence[Shape]) -> Ids:
    return sources[0]


def _conv(links: Links, node: Node, sources: Sequence[Ids], shapes: Sequence[Shape]) -> Ids:
    inputs, outputs, groups = shapes[0][0], node.shape[0], node.groups
    read = links.along(sources[0], 0, inputs)
    if groups == inputs > 1:  # depthwise: each output is of one input
        made = np.repeat(read, outputs // inputs)
    else:
        made = links.fresh(outputs)
        for channels in (read, made):  # all groups keep as many
            links.along(channels.reshape(groups, -1), 1, len(channels) // groups)
    return made.reshape(-1, 1, 1)


def _linear(links: Links, node: Node, sources: Sequence[Ids], shapes: Sequence[Shape]) -> Ids:
    return links.fresh(node.shape[0])


def _dense(links: Links, node: Node, sources: Sequence[Ids], shapes: Sequence[Shape]) -> Ids:
    links.along(sources[0], -1, shapes[0][-1])
    return links.fresh(node.shape[-1]).reshape(*(1,) * (len(node.shape) - 1), -1)


def _window(links: Links, node: Node, sources: Sequence[Ids], shapes: Sequence[Shape]) -> Ids:
    return links.along(sources[0], 0, shapes[0][0]).reshape(-1, 1, 1)


def _reduce(links: Links, node: Node, sources: Sequence[Ids], shapes: Sequence[Shape]) -> Ids:
    if len(shapes[0]) != 3 or 0 in node.axes:
        return _fixed(links, node, sources, shapes)
    channels = links.along(sources[0], 0, shapes[0][0])
    return channels.reshape(-1, *(1,) * (len(node.shape) - 1))


def _together(links: Links, node: Node, sources: Sequence[Ids], shapes: Sequence[Shape]) -> Ids:
    """A sum or product: the same channel everywhere, but where a gate is one for all."""
    whole = sources[0]
    for ids, shape in zip(sources[1:], shapes[1:], strict=True):
        if shape[0] == node.shape[0]:
            links.link(whole, ids)
    return whole


def _concat(links: Links, node: Node, sources: Sequence[Ids], shapes: Sequence[Shape]) -> Ids:
    if node.axis != (1 if len(node.shape) == 2 else 0):
        return _fixed(links, node, sources, shapes)
    parts = [full(ids, shape) for ids, shape in zip(sources, shapes, strict=True)]
    return lean(np.concatenate(parts, node.axis))


def _slice(links: Links, node: Node, sources: Sequence[Ids], shapes: Sequence[Shape]) -> Ids:
    part = [slice(None)] * len(node.shape)
    part[node.axis] = slice(node.start, node.stop)
    return lean(full(sources[0], shapes[0])[tuple(part)])


def _reshape(links: Links, node: Node, sources: Sequence[Ids], shapes: Sequence[Shape]) -> Ids:
    return lean(full(sources[0], shapes[0]).reshape(node.shape))


def _transpose(links: Links, node: Node, sources: Sequence[Ids], shapes: Sequence[Shape]) -> Ids:
    return sources[0].transpose(node.perm)


# Operators that are not here are `_fixed`.
_FLOWS: Final[dict[str, Flow]] = {
    "conv": _conv,
    "conv_transpose": _conv,
    "linear": _linear,
    "dense": _dense,
    "max_pool": _window,
    "avg_pool": _window,
    "reduce": _reduce,
    "add": _together,
    "mul": _together,
    "activation": _same,
    "batch_norm": _same,
    "scale": _same,
    "concat": _concat,
    "slice": _slice,
    "reshape": _reshape,
    "flatten": _reshape,
    "transpose": _transpose,
}
