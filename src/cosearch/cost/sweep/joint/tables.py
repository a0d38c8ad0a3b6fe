"""What the kernel needs of networks and chips, network by network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.edge.model import EdgeModel
from cosearch.cost.edge.staging import stage
from cosearch.cost.energy import off_chip_energy_j, off_leakage_w
from cosearch.cost.sweep.factors import FactoredFamily, off_chip, on_chip
from cosearch.cost.sweep.goal import Budget
from cosearch.cost.sweep.joint.combinations import Combinations
from cosearch.cost.sweep.joint.kernel import ROUNDING, least_latency
from cosearch.cost.sweep.joint.networks import NetworkList
from cosearch.cost.sweep.joint.settings import Settings
from cosearch.hardware import technology
from cosearch.hardware.technology import Technology
from cosearch.networks import Layers
from cosearch.progress import Progress

Best = tuple[float, float, int, int]  # latency, area, combination, setting


@dataclass(frozen=True)
class JointTables:
    """Networks of a list, and the chips of a family within a budget."""

    networks: NetworkList
    on: Combinations
    off: Settings
    model: EdgeModel
    budget: Budget

    @classmethod
    def of(
        cls,
        layers: Layers,
        family: FactoredFamily,
        model: EdgeModel,
        budget: Budget,
        workers: int,
        progress: Progress,
    ) -> Self:
        """Of networks `layers` (N, L)."""
        tech, networks = technology(model.node_nm), NetworkList.of(layers)
        frugal, deepest = np.isfinite(budget.energy_j), int(networks.depth.max())
        off = Settings.worthwhile(off_chip(family), tech, deepest, frugal=bool(frugal))
        most = budget.area_mm2 - float(off.area_mm2[0])
        on = Combinations.within(most, on_chip(family), networks, tech, workers, progress)
        return cls(networks, on, off, model, budget)

    def bounds_s(self, networks: Int[ndarray, " b"]) -> Float[ndarray, "b o"]:
        """Latencies that no chip with that on-chip combination can beat."""
        return self.on.least_s(self.networks.counts(networks))

    def least(self, network: int, bound_s: Float[ndarray, " o"], best: Best) -> Best:
        """The least latency of a network over all chips, then the least area; `best` if it is."""
        order = np.flatnonzero(bound_s * (1.0 - ROUNDING) <= best[0])
        if not len(order):
            return best
        order = order[np.argsort(bound_s[order], kind="stable")]
        layers = self.networks.index[network, : self.networks.depth[network]]
        off_s, bytes_ = self._off_chip(network)
        found: Best = least_latency(
            (layers, order, bound_s),
            (self.on.layer_s, self.on.memory, self.on.area_mm2),
            (off_s, self.off.area_mm2),
            self._energy(network, bytes_),
            (self.budget.area_mm2, self.budget.energy_j),
            best,
        )
        return found

    def _off_chip(self, network: int) -> tuple[Float[ndarray, "m f l"], Float[ndarray, "m f"]]:
        """Times of each layer, and bytes of the whole network."""
        depth = int(self.networks.depth[network])
        layers = self.networks.bounds(np.array([network]))[0, :depth]
        traffic = self.model.stream(layers, self.on.classes[:, None])
        staged = stage(traffic[:, None], self.off.chips[:, None])
        program_s = self.off.program_s(depth)[:, None]
        bytes_ = (staged.dram_bytes * layers.repeat).sum(axis=-1)
        return (
            np.ascontiguousarray(staged.dram_s * layers.repeat + program_s),
            bytes_ + self.off.program_bytes[depth - 1] * depth,
        )

    def _energy(self, network: int, off_bytes: Float[ndarray, "m f"]) -> tuple[ndarray, ...]:
        """Of either side: accesses, and leakage; zeros where there is no limit to hold it to."""
        if not np.isfinite(self.budget.energy_j):
            return self._no_energy
        one = np.array([network])
        counts = self.networks.counts(one)[0]
        macs = float(counts @ self.networks.layers.macs)
        off_j = off_chip_energy_j(
            self.off.chips, self._tech, staged_bytes=off_bytes, dram_bytes=off_bytes
        )
        return self.on.energy_j(counts, macs, self._tech), off_j, *self._leakage_w

    @cached_property
    def _tech(self) -> Technology:
        return technology(self.model.node_nm)

    @cached_property
    def _leakage_w(self) -> tuple[ndarray, ndarray]:
        return self.on.leakage_w(self._tech), off_leakage_w(self.off.chips, self._tech)

    @cached_property
    def _no_energy(self) -> tuple[ndarray, ...]:
        on, off = np.zeros(len(self.on)), np.zeros(len(self.off.number))
        return on, np.zeros((len(self.on.classes.pes), len(off))), on, off
