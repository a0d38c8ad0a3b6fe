"""Networks on Apollo's chips by table: what the exact sweep works with, so trials cost nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost import EdgeModel
from cosearch.cost.sweep import Budget, Goal, SweepTables, figures, sweep
from cosearch.cost.sweep.factors import designs
from cosearch.cost.sweep.tables import tables
from cosearch.families import ApolloChipFamily
from cosearch.recipes.sweep import NODE_NM
from cosearch.zoo import find_network

FAMILY: Final = ApolloChipFamily()
_CACHE: Final = Path(__file__).parents[2] / "build" / "apollo-tables"


@dataclass(frozen=True)
class Chips:
    """Apollo's space with one or several workloads on it.

    The latency of several is their geometric mean, which orders designs as the geometric mean of
    their speed-ups over any fixed chip does.
    """

    names: tuple[str, ...]
    tables: tuple[SweepTables, ...]

    @classmethod
    def of(cls, *networks: str) -> Chips:
        """By network names; tables come from the cache, or are made for it."""
        return cls(networks, tuple(_tables(name) for name in networks))

    def evaluate(
        self, genomes: Int[ndarray, "n d"]
    ) -> tuple[Float[ndarray, " n"], Float[ndarray, " n"]]:
        """Latency in seconds and area in mm2; as `EdgeModel` says, to rounding."""
        found = figures(self.tables, designs(FAMILY, genomes))
        return np.exp(np.log(found.latency_s).mean(axis=1)), found.area_mm2

    def area_mm2(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        """Area alone, which is known before any trial."""
        tables = self.tables[0]
        on, off = np.divmod(designs(FAMILY, genomes), tables.sizes[1])
        return tables.on_area_mm2[on] + tables.off_area_mm2[off]

    def optima_s(self, areas_mm2: Sequence[float]) -> list[float]:
        """The least latency of all 452,760,000 designs within each area: certified."""
        return [latency_s for latency_s, _ in self.answers(areas_mm2)]

    def answers(self, areas_mm2: Sequence[float]) -> list[tuple[float, int]]:
        """The least latency within each area, and how many designs are within it and can run."""
        goal = Goal("latency", tuple(Budget(area_mm2=area) for area in areas_mm2), top=1)
        one = figures(self.tables, np.zeros(1, dtype=np.int64))
        found = sweep(self.tables, goal, reference=one, workers=2)
        return [
            (float(np.exp(np.log(answer.best.latency_s[0]).mean())), answer.met)
            for answer in found.answers
        ]


@cache
def _tables(name: str) -> SweepTables:
    path = _CACHE / f"{name}.npz"
    if path.exists():
        with np.load(path) as arrays:
            return SweepTables(**{field.name: arrays[field.name] for field in fields(SweepTables)})
    made = tables(find_network(name).layers, FAMILY, EdgeModel(node_nm=NODE_NM), workers=2)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **vars(made))
    return made
