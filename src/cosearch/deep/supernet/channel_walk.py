"""Channels followed through all networks of a chain that are as wide as any.

Every slot is grown at full width with each operator and depth there is, and channels followed from
slot to slot: what residuals add up, and what the operators of a slot put out alike, is linked.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from jaxtyping import Int
from numpy import ndarray

from cosearch.deep.netadapt.flow import Ids, Links, follow, full
from cosearch.deep.supernet.block import Block, Ends, Loan, Shapes, grown
from cosearch.deep.supernet.cover import is_canonical
from cosearch.deep.supernet.operators import Operators
from cosearch.deep.supernet.sharing import Sharing, is_elastic, kind_of
from cosearch.families.chain import Slot, Values
from cosearch.networks import Network, Node
from cosearch.networks.network import Shape

_BY_CHANNEL: Final = ("conv", "conv_transpose", "linear", "dense", "batch_norm")


class Axis(NamedTuple):
    """One along which a shared tensor has channels: those its operator `reads`, or makes."""

    key: str
    axis: int
    reads: bool


class Walk:
    """`places` has the numbers of the channels along an axis, `tensors` those of all that flows."""

    def __init__(
        self, sharing: Sharing, sizes: Mapping[str, torch.Size], operators: Operators
    ) -> None:
        self.sharing, self.sizes, self.operators = sharing, sizes, operators
        self.links = Links()
        self.places: dict[Axis, Ids] = {}
        self.tensors: list[Ids] = []

    def go(self) -> None:
        """From slot to slot; channels of images, and what the last slot puts out, are fixed."""
        chain = self.sharing.chain
        image = chain.inputs[0]
        states: dict[Shapes, list[Ids]] = {(image,): [np.zeros((1,) * len(image), np.int64)]}
        for slot in chain.slots:
            after: dict[Shapes, list[Ids]] = {}
            for shapes, live in states.items():
                for values in _widest(self.sharing, slot):
                    graph = grown(chain, slot, shapes, values)
                    put_out, ends = self._block(slot, values, graph, live)
                    for one, other in zip(after.setdefault(put_out, ends), ends, strict=True):
                        self.links.link(one, other)
            states = after
        for live in states.values():
            self.links.fix(*live)

    def _block(
        self, slot: Slot, values: Values, graph: tuple[Network, Ends], live: list[Ids]
    ) -> tuple[Shapes, list[Ids]]:
        network, ends = graph
        block = Block(network, ends, self.sharing.naming(slot, values), self.operators)
        found = dict(zip(block.entries, live, strict=True))
        shapes = {node.name: node.shape for node in network.nodes}
        for node, loans in zip(block.nodes, block.borrowed, strict=True):
            sources = [found[name] for name in node.inputs]
            found[node.name] = follow(self.links, node, sources, [shapes[s] for s in node.inputs])
            for loan in loans:
                self._place(node, loan, found, shapes)
        self.tensors += found.values()
        return block.shapes, [found[end] for end in ends]

    def _place(
        self, node: Node, loan: Loan, found: Mapping[str, Ids], shapes: Mapping[str, Shape]
    ) -> None:
        """Note whose channels lie along the axes of a shared tensor."""
        for axis, reads in _axes(node, len(loan.place.shape)):
            name = node.inputs[0] if reads else node.name
            line = _line(node, found[name], shapes[name], reads)
            whole = self.sizes[loan.key][axis]
            # the widest networks use a part of it; or slots disagree on a knob, as in no network
            if len(line) != whole:
                self.links.fix(line)
                line = np.zeros(whole, dtype=np.int64)
            self.links.link(self.places.setdefault(Axis(loan.key, axis, reads), line), line)


def _widest(sharing: Sharing, slot: Slot) -> Iterator[Values]:
    """Each operator and depth, everything else at its largest."""
    chain = sharing.chain
    knobs = [chain.space.knobs[chain.column(name)] for name in slot.knobs]
    options: list[Any] = [
        [max(knob.choices)] if is_elastic(knob) and kind_of(knob) != "depth" else knob.choices  # type: ignore[type-var]
        for knob in knobs
    ]
    return (values for values in itertools.product(*options) if is_canonical(knobs, values))


def _axes(node: Node, axes: int) -> list[tuple[int, bool]]:
    """(axis, whether of channels read) of a tensor with so many axes; none of a grouped kernel's
    second, whose channels are in no group.
    """
    if node.op not in _BY_CHANNEL:
        return []
    if axes == 1:
        return [(0, False)]
    if node.attributes.get("groups", 1) > 1:
        return [] if node.op == "conv_transpose" else [(0, False)]
    return [(0, True), (1, False)] if node.op == "conv_transpose" else [(0, False), (1, True)]


def _line(node: Node, ids: Ids, shape: Shape, reads: bool) -> Int[ndarray, " n"]:
    """Numbers of the channels, one after another; a fully connected layer reads every element."""
    if node.op == "linear" and reads:
        return full(ids, shape).ravel()
    axis = -1 if node.op == "dense" else 0
    along = np.moveaxis(ids, axis, 0).reshape(ids.shape[axis], -1)[:, 0]
    return np.broadcast_to(along, (shape[axis],))
