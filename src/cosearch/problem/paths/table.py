"""`PathTable`: what the parts of a space's networks cost, and the sum of it for any network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost import Cost
from cosearch.cost.lookup import LookupTable
from cosearch.errors import CosearchError, unknown
from cosearch.families.chain import Chain, Compiler
from cosearch.families.distinct import FREE, blocks_of
from cosearch.families.places import Place, places_of
from cosearch.networks import Layers
from cosearch.networks.layers import unpack
from cosearch.problem.paths.context import in_networks
from cosearch.problem.paths.graph import Graph
from cosearch.problem.paths.priced import COUNTED, Paths

METRICS: Final = ("latency_s", "energy_j", "macs", "params")
WHOLE_CHIP: Final = ("area_mm2", "peak_macs_per_s")  # what no block has a share of
_AT_ONCE: Final = 512  # layers asked for together

Edges = tuple[Float[ndarray, "_ m"], ...]


@dataclass(frozen=True)
class PathTable:
    """Additive costs of a space on one device: `costs[t]` (edges, m) of each level of the graph.

    Units as the metrics are named; infinite for what cannot run.
    """

    graph: Graph
    metrics: tuple[str, ...]
    edges: Edges
    chain: Chain

    def __post_init__(self) -> None:
        for costs in self.edges:
            if np.isnan(costs).any():
                column = int(np.argwhere(np.isnan(costs))[0][1])
                raise CosearchError(f"{self.metrics[column]} of a block is not a number")

    @classmethod
    def of(
        cls,
        family: Any,
        cost_of_layers: Callable[[Layers], Cost] | None = None,
        metrics: Sequence[str] | None = None,
    ) -> PathTable:
        """Each layer priced alone. Exact where a cost model is additive over layers.

        `family`: a chain family, or its `Paths`, made once for many devices. `metrics`: columns
        of `Cost`, or "macs" and "params", which need no cost model.
        """
        paths = family if isinstance(family, Paths) else Paths.of(family)
        names = tuple(metrics or (METRICS if cost_of_layers else COUNTED))
        columns: dict[str, ndarray] = {name: paths.counted[name].astype(float) for name in COUNTED}
        if cost_of_layers is not None:
            columns = {**_priced(paths.rows, cost_of_layers), **columns}
        for name in names:
            if name not in columns:
                raise unknown("metric", name, columns)
        return cls._of_blocks(paths, names, np.stack([columns[name] for name in names], axis=1))

    @classmethod
    def in_context(
        cls,
        family: Any,
        cost_of_layers: Callable[[Layers], Cost],
        metrics: Sequence[str] = ("latency_s", "energy_j"),
        seed: int = 0,
    ) -> PathTable:
        """Each block at the mean of what it costs in random networks of the space.

        For cost models whose layers share memories: a block alone costs more than among others.
        """
        paths = family if isinstance(family, Paths) else Paths.of(family)
        edges = in_networks(paths, cost_of_layers, metrics, np.random.default_rng(seed))
        return cls(paths.graph, tuple(metrics), edges, paths.chain)

    @classmethod
    def of_lookup(cls, family: Any, table: LookupTable) -> PathTable:
        """Measured latencies of the blocks, corrected as the table is: the same sum as its own.

        Refuses a table of another space, of other blocks, or without one of them.
        """
        paths, found = Paths.of(family), blocks_of(family)
        table.check_space(family.name, found.fingerprint)
        numbers = _by_compiled(paths, found.parts)
        alone = np.array([*(table.row(b.key, b.label).latency_s for b in found.blocks), 0.0])
        seconds, constant = alone[numbers], 0.0
        if table.correction is not None:
            busy = (numbers != FREE) * table.correction.per_block_s
            seconds = seconds * table.correction.factor + busy
            constant = table.correction.constant_s
        made = cls._of_blocks(paths, ("latency_s",), seconds[:, None])
        return cls(
            made.graph, made.metrics, (made.edges[0] + constant, *made.edges[1:]), paths.chain
        )

    @classmethod
    def _of_blocks(
        cls, paths: Paths, metrics: tuple[str, ...], costs: Float[ndarray, "b m"]
    ) -> PathTable:
        edges = tuple(costs[level.blocks].sum(axis=1) for level in paths.graph.levels)
        return cls(paths.graph, metrics, edges, paths.chain)

    def replaced(self, other: PathTable) -> PathTable:
        """This table with the columns another table of the same paths has."""
        edges = tuple(costs.copy() for costs in self.edges)
        for name in other.metrics:
            for mine, theirs in zip(edges, other.edges, strict=True):
                mine[:, self.column(name)] = theirs[:, other.column(name)]
        return PathTable(self.graph, self.metrics, edges, self.chain)

    # ---- asking

    def column(self, metric: str) -> int:
        """Where a metric stands; `CosearchError` names those there are."""
        if metric not in self.metrics:
            raise unknown("metric of the table", metric, self.metrics)
        return self.metrics.index(metric)

    def costs(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, "n m"]:
        """The sum over the blocks of each genome."""
        return self.along(self.graph.edges(genomes))

    def along(self, path: Int[ndarray, "n t"]) -> Float[ndarray, "n m"]:
        """The same of paths, added in their order."""
        total = np.zeros((len(path), len(self.metrics)))
        for costs, edge in zip(self.edges, path.T, strict=True):
            total += costs[edge]
        return total

    def of_places(self) -> list[Float[ndarray, "_ m"]]:
        """Costs of the options of each place, in the order of `places_of`: for expectations.

        What all networks share, such as the stem, is in the place beside it. Raises
        `CosearchError` for a space that is not layer-wise, or where what a place costs depends
        on other places.
        """
        places, found = places_of(self.chain), []
        for place in places:
            found.append(np.zeros((len(place.options), len(self.metrics))))
        free = [i for i, place in enumerate(places) if len(place.options) > 1] or [0]
        if [len(costs) for costs in self.edges] != [len(places[i].options) for i in free]:
            raise CosearchError(
                f"space {self.graph.name!r}: what a layer costs depends on the layers before it"
            )
        for i in free:
            at, option = self.place(places[i])
            found[i][option] = self.edges[at]
        return found

    def place(self, place: Place) -> tuple[int, Int[ndarray, " e"]]:
        """The level at which a place stands, and which of its options each edge there has."""
        space = self.graph.space
        columns = [self.chain.column(name) for name in place.knobs]
        at = next(i for i, level in enumerate(self.graph.levels) if columns[0] in level.columns)
        level = self.graph.levels[at]
        values = level.values[:, [level.columns.index(column) for column in columns]]
        knobs = [space.knobs[column] for column in columns]
        rows = [[k.index(v) for k, v in zip(knobs, o, strict=True)] for o in place.options]
        sizes = tuple(len(knob.choices) for knob in knobs)
        codes = np.ravel_multi_index(tuple(np.array(rows).T), sizes)
        mine = np.ravel_multi_index(tuple(np.maximum(values, 0).T), sizes)
        return at, np.searchsorted(codes, mine)


def _priced(
    rows: Sequence[Int[ndarray, "_ f"]], cost_of_layers: Callable[[Layers], Cost]
) -> dict[str, ndarray]:
    """Every column of `Cost` that adds up, of each block; equal layers are asked for once."""
    distinct, which = np.unique(np.concatenate(rows), axis=0, return_inverse=True)
    layers = unpack(distinct)[:, None]
    parts = [cost_of_layers(layers[at : at + _AT_ONCE]) for at in range(0, len(distinct), _AT_ONCE)]
    block = np.repeat(np.arange(len(rows)), [len(table) for table in rows])
    found = {}
    for name, column in Cost.concatenate(parts).items():
        if name not in WHOLE_CHIP:
            found[name] = np.zeros(len(rows))
            np.add.at(found[name], block, column[which.reshape(-1), 0])
    return found


def _by_compiled(paths: Paths, parts: Sequence[Any]) -> Int[ndarray, " b"]:
    """Number among the distinct blocks of each block of the compiler's, `FREE` for nothing."""
    numbers = np.full(len(paths.rows), FREE)
    compiled = Compiler(paths.chain).parts()
    for (*_, ours, _), (*_, theirs, _) in zip(compiled, parts, strict=True):
        numbers[ours] = theirs
    return numbers
