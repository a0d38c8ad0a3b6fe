"""`Problem`: what is wanted. Directions are flipped and limits judged here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.accuracy import Accuracy
from cosearch.cost import CostModel
from cosearch.errors import CosearchError, unknown
from cosearch.families.family import ChipFamily, NetworkFamily
from cosearch.hardware import Accelerators
from cosearch.space import Space

METRICS: Final = ("accuracy", "latency_s", "energy_j", "area_mm2")

Metrics = Mapping[str, Float[ndarray, " n"]]


@dataclass(frozen=True)
class Goal:
    """A metric to improve; goals are compared in their order, the first decides."""

    metric: str
    maximise: bool = False


@dataclass(frozen=True)
class Limit:
    """A metric that must not exceed a positive bound, in SI units (mm2 for area)."""

    metric: str
    at_most: float

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise unknown("limit", self.metric, METRICS)
        if not (np.isfinite(self.at_most) and self.at_most > 0):
            raise CosearchError(
                f"limit on {self.metric} = {self.at_most}: a positive number is needed"
            )


@dataclass(frozen=True)
class Problem:
    """Networks, the chips they may run on (a family, or one fixed chip), goals and limits."""

    networks: NetworkFamily
    chips: ChipFamily | Accelerators
    cost_model: CostModel
    accuracy: Accuracy | None
    goals: tuple[Goal, ...] = (Goal("accuracy", maximise=True), Goal("latency_s"))
    limits: tuple[Limit, ...] = ()

    @cached_property
    def space(self) -> Space:
        """Network knobs, then chip knobs if chips are searched too."""
        networks = self.networks.space.prefixed("network.")
        if isinstance(self.chips, Accelerators):
            return networks
        return networks * self.chips.space.prefixed("chip.")

    def network_part(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "n k"]:
        """The network half of joint genomes."""
        return genomes[:, : len(self.networks.space)]

    def decode_chips(self, genomes: Int[ndarray, "n d"]) -> Accelerators:
        """Chips, shape (n,) if searched, () if fixed."""
        if isinstance(self.chips, Accelerators):
            return self.chips
        return self.chips.decode(genomes[:, len(self.networks.space) :])

    def model(self, genomes: Int[ndarray, "n d"]) -> dict[str, Float[ndarray, " n"]]:
        """The metrics that cost no accuracy: all but that, which is NaN."""
        layers = self.networks.decode(self.network_part(genomes))
        cost = self.cost_model(layers, self.decode_chips(genomes)[..., None]).sum(-1)
        return {
            "accuracy": np.full(len(genomes), np.nan),
            "latency_s": cost.latency_s,
            "energy_j": cost.energy_j,
            "area_mm2": cost.area_mm2,
        }

    def judge(
        self, genomes: Int[ndarray, "n d"], modelled: Metrics
    ) -> dict[str, Float[ndarray, " n"]]:
        """`modelled` with the accuracies; NaN stays where the chip cannot run the network."""
        accuracy = modelled["accuracy"].copy()
        runs = np.isfinite(modelled["latency_s"])
        if self.accuracy is not None and runs.any():
            accuracy[runs] = self.accuracy(self.network_part(genomes[runs]))
        return {**modelled, "accuracy": accuracy}

    def evaluate(self, genomes: Int[ndarray, "n d"]) -> dict[str, Float[ndarray, " n"]]:
        """Metrics of each design."""
        return self.judge(genomes, self.model(genomes))

    def losses(self, metrics: Metrics) -> Float[ndarray, "n m"]:
        """One column per goal, minimised; inf where a metric is unknown."""
        columns = [(-1 if goal.maximise else 1) * metrics[goal.metric] for goal in self.goals]
        losses = np.stack(columns, axis=1)
        return np.where(np.isnan(losses), np.inf, losses)

    def violations(self, metrics: Metrics) -> Float[ndarray, " n"]:
        """Sum over limits of the relative excess; 0 = all met, inf = cannot run."""
        total = np.zeros(len(metrics["latency_s"]))
        for limit in self.limits:
            total += np.maximum(metrics[limit.metric] / limit.at_most - 1.0, 0.0)
        return np.where(np.isfinite(metrics["latency_s"]), total, np.inf)

    def describe(self) -> dict[str, Any]:
        """What a manifest must say to know the problem again."""
        chip = self.chips if isinstance(self.chips, Accelerators) else None
        return {
            "space": self.space.fingerprint,
            "cost_model": self.cost_model.name,
            "fixed_chip": {k: float(v) for k, v in chip.items()} if chip else None,
            "goals": [[goal.metric, goal.maximise] for goal in self.goals],
            "limits": {limit.metric: limit.at_most for limit in self.limits},
        }
