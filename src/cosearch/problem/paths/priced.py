"""`Paths`: a space as a graph, with the distinct blocks that stand on it, not yet priced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.families.chain import Chain, Compiler
from cosearch.problem.paths.graph import Graph, graph_of

COUNTED: Final = ("macs", "params")  # of networks alone, whatever they run on


@dataclass(frozen=True)
class Paths:
    """A space's graph and the distinct blocks on it, ready to be priced on any device."""

    chain: Chain
    graph: Graph
    rows: tuple[Int[ndarray, "_ f"], ...]  # cost rows of each block
    fills: Int[ndarray, " s"]  # how many rows of a decoded network each slot takes up
    counted: Mapping[str, Int[ndarray, " b"]]  # `COUNTED` of each block

    @classmethod
    def of(cls, family: Any) -> Paths:
        """Of a family that is a chain of blocks; `CosearchError` for others."""
        chain = getattr(family, "chain", None)
        if not isinstance(chain, Chain):
            raise CosearchError(f"space {family.name!r} is no chain of blocks: it has no paths")
        built: list[tuple[int, int]] = []
        compiler = Compiler(chain, lambda slot, values, net: built.append((net.macs, net.params)))
        parts = compiler.parts()
        macs, params = np.array(built, dtype=np.int64).T
        lengths = np.array([len(rows) for rows in compiler.rows])
        fills = np.array([lengths[numbers].max() for _, _, numbers, _ in parts])
        counted = {"macs": macs, "params": params}
        return cls(chain, graph_of(chain, parts), tuple(compiler.rows), fills, counted)
