"""Families whose networks are chains of blocks: described once, decoded by table.

A `Chain` is a list of `Slot`s. A slot reads a few knobs and grows the graph by a block. Building
one network runs the slots one after another. Decoding many runs none of them: what a slot adds
depends only on the shapes that reach it and on its knobs, so each distinct block is built once,
its cost rows kept in a table, and genomes are decoded by gathering (`gather.py`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.families.gather import SlotPart, Tables, gather
from cosearch.networks import Builder, Layers, Network
from cosearch.networks.builder import NORM_EPS
from cosearch.networks.layers import LAYER_FIELDS, unpack
from cosearch.networks.network import Shape
from cosearch.space import Choice, Knob, Space

Live = tuple[str, ...]  # names of the tensors that later slots may read
Grow = Callable[..., Live]
Values = tuple[Choice, ...]  # of a slot's knobs
_MOST: Final = 200_000  # distinct blocks of a slot; more would not be a table but a space


@dataclass(frozen=True)
class Slot:
    """One step of a chain.

    `grow(net, live, name, *values)` adds nodes whose names begin with `name` to the builder and
    returns the tensors that live on (often one, as a 1-tuple). `values` are the choices of
    `knobs`, in that order; knobs switched off by a condition come with their first choice. Slots
    with equal `grow` share their tables, so make it a function or a frozen dataclass.
    """

    name: str
    knobs: tuple[str, ...]
    grow: Grow


@dataclass(frozen=True)
class Chain:
    """A space and the slots that read it.

    `inputs` are the shapes of the images, (channels, height, width): one, or one per choice of
    the knob named `resolution`. `rewrite` is applied to each block, as `unfuse` to a network.
    """

    name: str
    space: Space
    slots: tuple[Slot, ...]
    inputs: tuple[Shape, ...]
    resolution: str | None = None
    norm_eps: float = NORM_EPS
    rewrite: Callable[[Network], Network] | None = None

    def network(self, genome: Int[ndarray, " d"]) -> Network:
        """Build the graph of one genome."""
        genome = self.space.canonical(self.space.validate(genome))[0]
        chosen = {
            knob.name: knob.choices[i] for knob, i in zip(self.space.knobs, genome, strict=True)
        }
        first = self.column(self.resolution)
        net = Builder(
            self.name, self.inputs[genome[first] if first >= 0 else 0], norm_eps=self.norm_eps
        )
        live: Live = ("input",)
        for slot in self.slots:
            live = slot.grow(net, live, slot.name, *(chosen[name] for name in slot.knobs))
        return self.rewritten(net)

    def rewritten(self, net: Builder) -> Network:
        """What has grown, frozen."""
        return self.rewrite(net.build()) if self.rewrite else net.build()

    def decode(self, genomes: Int[ndarray, "n d"]) -> Layers:
        """Cost rows (n, L) of many canonical genomes, int32; slots that add less are padded.

        Raises `CosearchError` for a genome of the wrong width or out of range.
        """
        genomes = np.ascontiguousarray(self.space.validate(genomes))
        return unpack(gather(genomes, self._tables))

    @cached_property
    def _tables(self) -> Tables:
        compiler = Compiler(self)
        return Tables.pack(self.column(self.resolution), compiler.parts(), compiler.rows)

    def column(self, knob: str | None) -> int:
        """Where a knob stands in a genome; -1 for none."""
        names = [knob.name for knob in self.space.knobs]
        return -1 if knob is None else names.index(knob)


class Compiler:
    """Builds every distinct block once.

    `rows` are the cost rows of the blocks so far; `built` is told of each as it is built: its
    slot, the choices, and its graph, whose inputs are the tensors that live on.
    """

    def __init__(
        self, chain: Chain, built: Callable[[Slot, Values, Network], object] | None = None
    ) -> None:
        self._chain = chain
        self._built = built
        self._known: dict[Any, tuple[int, tuple[Shape, ...]]] = {}  # block -> (its rows, shapes)
        self.rows: list[Int[ndarray, "r f"]] = []

    def parts(self) -> list[SlotPart]:
        """All slots, in order; the states of a slot are the shapes that can reach it."""
        states: list[tuple[Shape, ...]] = [(shape,) for shape in self._chain.inputs]
        parts = []
        for slot in self._chain.slots:
            part, states = self._slot(slot, states)
            parts.append(part)
        return parts

    def _slot(
        self, slot: Slot, states: list[tuple[Shape, ...]]
    ) -> tuple[SlotPart, list[tuple[Shape, ...]]]:
        """((knob columns, cardinalities, rows by code, next state by code), states after)."""
        columns = [self._chain.column(name) for name in slot.knobs]
        choices = [self._chain.space.knobs[column].choices for column in columns]
        sizes = [len(options) for options in choices]
        if len(states) * int(np.prod(sizes)) > _MOST:
            raise CosearchError(
                f"slot {slot.name!r} of {self._chain.name!r}: "
                f"{len(states)} shapes x {sizes} choices, at most {_MOST} blocks are supported"
            )
        after: dict[tuple[Shape, ...], int] = {}
        blocks, following = [], []
        for state in states:
            for values in itertools.product(*choices):
                block, shapes = self._block(slot, state, values)
                blocks.append(block)
                following.append(after.setdefault(shapes, len(after)))
        return (columns, sizes, blocks, following), list(after)

    def _block(
        self, slot: Slot, state: tuple[Shape, ...], values: Values
    ) -> tuple[int, tuple[Shape, ...]]:
        """Number of the block's rows, and the shapes that live on."""
        key = (slot.grow, state, values)
        if key not in self._known:
            net = Builder(self._chain.name, state[0])
            live = ["input"]
            for i, shape in enumerate(state[1:]):
                live.append(net.add_node("input", (), shape, f"input{i}"))
            ends = slot.grow(net, tuple(live), slot.name, *values)
            network = self._chain.rewritten(net)
            rows = [bounds for _, bounds in network.bounds]
            table = np.array(rows, dtype=np.int64).reshape(-1, len(LAYER_FIELDS))
            if self._built:
                self._built(slot, values, network)
            self.rows.append(table)
            self._known[key] = len(self.rows) - 1, tuple(net.shape(end) for end in ends)
        return self._known[key]


@dataclass(frozen=True)
class ChainFamily:
    """A published network space: a chain, its reference points, its source."""

    chain: Chain
    references: Mapping[str, Mapping[str, Choice]]
    source: str

    @property
    def name(self) -> str:
        """As in `FAMILIES`."""
        return self.chain.name

    @property
    def space(self) -> Space:
        """The decisions."""
        return self.chain.space

    def network(self, genome: Int[ndarray, " d"]) -> Network:
        """Build the graph of one genome."""
        return self.chain.network(genome)

    def decode(self, genomes: Int[ndarray, "n d"]) -> Layers:
        """Cost rows (n, L) of many genomes, int32."""
        return self.chain.decode(genomes)

    def narrowed(self, candidates: Mapping[int, Sequence[Any]]) -> ChainFamily:
        """The same family with fewer choices of the knobs at these places; one fixes a knob.

        Reference points that are left outside are dropped. Raises `CosearchError` for a choice
        that the knob has not.
        """
        knobs = [
            _with(knob, candidates.get(i, knob.choices)) for i, knob in enumerate(self.space.knobs)
        ]
        space = Space(knobs)
        inside = {
            name: point
            for name, point in self.references.items()
            if all(point[knob.name] in knob.choices for knob in knobs if knob.name in point)
        }
        return replace(self, chain=replace(self.chain, space=space), references=inside)


def _with(knob: Knob, wanted: Sequence[Any]) -> Knob:
    return replace(knob, choices=tuple(knob.choices[knob.index(value)] for value in wanted))
