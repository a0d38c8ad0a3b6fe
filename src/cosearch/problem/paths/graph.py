"""The networks of a chain as the paths of a graph, level by level.

A node is what later slots depend on: the shapes that reach them and the knobs they will read
again. An edge is what a slot decides. Every canonical genome is one path. Levels at which nothing
is left to decide are joined to the one before, so a stage whose blocks are alike is one level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.families.chain import Chain
from cosearch.space import Space

_MOST: Final = 3_000_000  # edges of a level
OFF: Final = -1  # the value of a knob that is switched off


@dataclass(frozen=True)
class Level:
    """Edges between two rows of nodes, in the order of their sources."""

    source: Int[ndarray, " e"]
    target: Int[ndarray, " e"]
    columns: tuple[int, ...]  # of genomes: the knobs decided here
    values: Int[ndarray, "e k"]  # of these knobs, `OFF` where they do not count
    blocks: Int[ndarray, "e b"]  # numbers of the blocks that stand here

    @cached_property
    def first(self) -> Int[ndarray, " s"]:
        """Where the edges of each source begin; every source has one at least."""
        return np.flatnonzero(np.diff(self.source, prepend=-1))

    @cached_property
    def degree(self) -> Int[ndarray, " s"]:
        """How many edges each source has."""
        return np.diff(self.first, append=len(self.source))

    def then(self, after: Level) -> Level:
        """Both as one level."""
        count = after.degree[self.target]
        mine = np.repeat(np.arange(len(self.source)), count)
        ends = np.cumsum(count)
        within = np.arange(len(mine)) - np.repeat(ends - count, count)
        theirs = after.first[self.target[mine]] + within
        return Level(
            self.source[mine],
            after.target[theirs],
            self.columns + after.columns,
            np.concatenate([self.values[mine], after.values[theirs]], axis=1),
            np.concatenate([self.blocks[mine], after.blocks[theirs]], axis=1),
        )


@dataclass(frozen=True)
class Graph:
    """All levels: the first has one source, the last one target."""

    name: str
    space: Space
    levels: tuple[Level, ...]

    def edges(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "n t"]:
        """The path of each genome: the number of its edge at every level."""
        genomes = self.space.canonical(self.space.validate(genomes))
        node = np.zeros(len(genomes), dtype=np.int64)
        path = np.empty((len(genomes), len(self.levels)), dtype=np.int64)
        for t, level in enumerate(self.levels):
            keys = self._keys(level, level.source, np.maximum(level.values, 0))
            path[:, t] = np.searchsorted(keys, self._keys(level, node, genomes[:, level.columns]))
            node = level.target[path[:, t]]
        return path

    def _keys(
        self, level: Level, nodes: Int[ndarray, " n"], values: Int[ndarray, "n k"]
    ) -> Int[ndarray, " n"]:
        """Node and values as one number; along a level's edges they count up."""
        key = nodes
        for column, size in enumerate(self.space.cardinalities[list(level.columns)]):
            key = key * size + values[:, column]
        return key

    def genomes(self, path: Int[ndarray, "n t"]) -> Int[ndarray, "n d"]:
        """Inverse of `edges`."""
        genomes = np.zeros((len(path), len(self.space)), dtype=np.int64)
        for level, edge in zip(self.levels, path.T, strict=True):
            genomes[:, level.columns] = np.maximum(level.values[edge], 0)
        return genomes


def graph_of(chain: Chain, parts: Sequence[Any]) -> Graph:
    """Join what the chain's `Compiler` says of each slot (`parts`)."""
    builder = _Builder(chain.space, parts)
    levels: list[Level] = []
    if chain.resolution is not None:
        builder.begin(chain.column(chain.resolution), levels)
    for slot in range(len(parts)):
        levels.append(builder.level(slot))
    joined = [levels[0]]
    for level in levels[1:]:
        if (level.degree == 1).all() or len(joined) == len(joined[0].source) == 1:
            joined[-1] = joined[-1].then(level)
        else:
            joined.append(level)
    return Graph(chain.name, chain.space, tuple(joined))


class _Builder:
    """Walks the slots; knows the nodes it has come to: a state and the knobs still open."""

    def __init__(self, space: Space, parts: Sequence[Any]) -> None:
        self._space = space
        self._parts = parts
        self._state: Int[ndarray, " n"] = np.zeros(1, dtype=np.int64)
        self._open: dict[int, Int[ndarray, " n"]] = {}
        self._places = {knob.name: i for i, knob in enumerate(space.knobs)}
        self._decided, self._needed = self._spans()

    def _spans(self) -> tuple[list[int], list[int]]:
        """The slot at which each knob is decided, and the last one that depends on it."""
        last = len(self._parts) - 1
        readers: list[list[int]] = [[] for _ in self._space.knobs]
        for slot, (columns, *_) in enumerate(self._parts):
            for column in columns:
                readers[column].append(slot)
        decided = [min(slots, default=last) for slots in readers]
        needed = [max(slots, default=last) for slots in readers]
        for column in reversed(range(len(decided))):
            for name in self._space.knobs[column].when:
                gate = self._places[name]
                decided[gate] = min(decided[gate], decided[column])
                needed[gate] = max(needed[gate], decided[column])
        return decided, needed

    def begin(self, column: int, levels: list[Level]) -> None:
        """The choice of the image's size, whose index is the first state."""
        self._decided[column] = OFF
        sizes = np.arange(len(self._space.knobs[column].choices))
        root = np.zeros_like(sizes)
        nothing = np.empty((len(sizes), 0), dtype=np.int64)
        levels.append(Level(root, sizes, (column,), sizes[:, None], nothing))
        self._state = sizes
        if self._needed[column] >= 0 and any(column in part[0] for part in self._parts):
            self._open[column] = sizes

    def level(self, slot: int) -> Level:
        """The edges of a slot; then stand at their targets."""
        source, values = np.arange(len(self._state)), dict(self._open)
        new = [i for i, at in enumerate(self._decided) if at == slot]
        for column in new:
            source, values = self._decide(column, source, values)
        columns, sizes, blocks, following = self._parts[slot]
        code = self._state[source]
        for column, size in zip(columns, sizes, strict=True):
            code = code * size + np.maximum(values[column], 0)
        state = np.asarray(following)[code]
        if slot == len(self._parts) - 1:
            state = np.zeros_like(state)  # nothing depends on what comes out
        left = [column for column in values if self._needed[column] > slot]
        nodes = np.stack([state, *(values[column] for column in left)], axis=1)
        nodes, target = np.unique(nodes, axis=0, return_inverse=True)
        self._state = nodes[:, 0]
        self._open = {column: nodes[:, 1 + i] for i, column in enumerate(left)}
        chosen = [values[column] for column in new]
        made = np.stack(chosen, axis=1) if new else np.empty((len(source), 0), dtype=np.int64)
        return Level(
            source, target.reshape(-1), tuple(new), made, np.asarray(blocks)[code][:, None]
        )

    def _decide(
        self, column: int, source: Int[ndarray, " n"], values: dict[int, Int[ndarray, " n"]]
    ) -> tuple[Int[ndarray, " e"], dict[int, Int[ndarray, " e"]]]:
        """Each row once per choice of a knob, or once where the knob is switched off."""
        on = self._counts(column, len(source), values)
        choices = len(self._space.knobs[column].choices)
        count = np.where(on, choices, 1)
        if count.sum() > _MOST:
            raise CosearchError(
                f"knob {self._space.knobs[column].name!r}: {count.sum():,} partial networks "
                f"differ there, at most {_MOST:,} are supported"
            )
        rows = np.repeat(np.arange(len(source)), count)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
        values = {name: array[rows] for name, array in values.items()}
        return source[rows], {**values, column: np.where(on[rows], within, OFF)}

    def _counts(
        self, column: int, n: int, values: dict[int, Int[ndarray, " n"]]
    ) -> Bool[ndarray, " n"]:
        """Where a knob's conditions hold."""
        on = np.ones(n, dtype=bool)
        for name, allowed in self._space.knobs[column].when.items():
            gate = self._places[name]
            wanted = [self._space.knobs[gate].index(value) for value in allowed]
            on &= np.isin(values[gate], wanted)
        return on
