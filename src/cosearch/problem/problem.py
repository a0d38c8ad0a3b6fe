"""`Problem`: what is wanted. Directions are flipped and limits judged here and nowhere else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.accuracy import Accuracy
from cosearch.columns import Columns
from cosearch.cost import AsksGenomes, AsksNetworks, Cost, CostModel, KnowsArea
from cosearch.families.family import ChipFamily, NetworkFamily
from cosearch.networks import Network
from cosearch.problem.checks import check
from cosearch.problem.goals import METRICS, Goal, Limit, Metrics
from cosearch.problem.rewards import LEXICOGRAPHIC, REWARDS
from cosearch.problem.score import Score
from cosearch.problem.workloads import Workloads, geometric_mean
from cosearch.search import Excess
from cosearch.space import Space


@dataclass(frozen=True)
class Problem:
    """Networks, the chips they may run on, goals and limits.

    Either side is searched (a family) or given: one fixed chip, as columns of the kind its cost
    model takes, or None where the model is of one device; or fixed `Workloads`, which have no
    accuracy to find. `reward`: what a search is told of a design, least violation first or one
    of `REWARDS`, whose exponent may be set; only the first goal counts in these. Metrics, losses
    and violations, by which the best is chosen in the end, are the same under any.

    `score` names what `accuracy` gives where that is none, but a number that ranks networks.
    """

    networks: NetworkFamily | Workloads
    chips: ChipFamily | Columns | None
    cost_model: CostModel
    accuracy: Accuracy | None
    goals: tuple[Goal, ...] = (Goal("accuracy", maximise=True), Goal("latency_s"))
    limits: tuple[Limit, ...] = ()
    reward: str = LEXICOGRAPHIC
    exponent: float | None = None
    score: Score | None = None

    def __post_init__(self) -> None:
        check(self)

    @cached_property
    def space(self) -> Space:
        """Network knobs, then chip knobs; only those of what is searched."""
        if self.chips is None or isinstance(self.chips, Columns):
            assert not isinstance(self.networks, Workloads)
            return self.networks.space.prefixed("network.")
        chips = self.chips.space.prefixed("chip.")
        if isinstance(self.networks, Workloads):
            return chips
        return self.networks.space.prefixed("network.") * chips

    @property
    def at_most(self) -> dict[str, float]:
        """The limits by metric, in SI units."""
        return {limit.metric: limit.at_most for limit in self.limits}

    @cached_property
    def _network_knobs(self) -> int:
        return 0 if isinstance(self.networks, Workloads) else len(self.networks.space)

    def network_part(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "n k"]:
        """The network half of joint genomes; no columns where the networks are given."""
        return genomes[:, : self._network_knobs]

    def decode_chips(self, genomes: Int[ndarray, "n d"]) -> Any:
        """Columns of chips, shape (n,) if searched, () if fixed; None where there is no choice."""
        if self.chips is None or isinstance(self.chips, Columns):
            return self.chips
        return self.chips.decode(genomes[:, self._network_knobs :])

    def model(self, genomes: Int[ndarray, "n d"]) -> dict[str, Float[ndarray, " n"]]:
        """The metrics that cost no accuracy: all but that, which is NaN."""
        costs = self._costs(genomes)
        return {
            "accuracy": np.full(len(genomes), np.nan),
            "latency_s": geometric_mean([cost.latency_s for cost in costs]),
            "energy_j": geometric_mean([cost.energy_j for cost in costs]),
            "area_mm2": costs[0].area_mm2,
        }

    def _costs(self, genomes: Int[ndarray, "n d"]) -> list[Cost]:
        """One of each given workload; a single one of searched networks."""
        if isinstance(self.cost_model, AsksNetworks):
            return [self.cost_model.of_networks(self._networks(genomes))]
        if isinstance(self.cost_model, AsksGenomes):
            return [self.cost_model.of_genomes(self.network_part(genomes))]
        chips = self.decode_chips(genomes)[..., None]
        if isinstance(self.networks, Workloads):
            workloads = [network.layers for network in self.networks.networks]
        else:
            workloads = [self.networks.decode(self.network_part(genomes))]
        return [self.cost_model(layers, chips).sum(-1) for layers in workloads]

    def _networks(self, genomes: Int[ndarray, "n d"]) -> list[Network]:
        assert not isinstance(self.networks, Workloads)
        return [self.networks.network(genome) for genome in self.network_part(genomes)]

    def judge(
        self, genomes: Int[ndarray, "n d"], modelled: Metrics
    ) -> dict[str, Float[ndarray, " n"]]:
        """`modelled` with the accuracies; NaN stays where the chip cannot run the network.

        What is not finite is NaN too, for so it is read again from records.
        """
        accuracy = modelled["accuracy"].copy()
        runs = np.isfinite(modelled["latency_s"])
        if self.accuracy is not None and runs.any():
            found = self.accuracy(self.network_part(genomes[runs]))
            accuracy[runs] = np.where(np.isfinite(found), found, np.nan)
        return {**modelled, "accuracy": accuracy}

    def evaluate(self, genomes: Int[ndarray, "n d"]) -> dict[str, Float[ndarray, " n"]]:
        """Metrics of each design."""
        return self.judge(genomes, self.model(genomes))

    def losses(self, metrics: Metrics) -> Float[ndarray, "n m"]:
        """One column per goal, minimised; inf where a metric is unknown."""
        columns = [(-1 if goal.maximise else 1) * metrics[goal.metric] for goal in self.goals]
        losses = np.stack(columns, axis=1)
        return np.where(np.isnan(losses), np.inf, losses)

    def violations(
        self, metrics: Metrics, among: Collection[str] = METRICS
    ) -> Float[ndarray, " n"]:
        """Sum over the limits `among` these of the relative excess; 0 = met, inf = cannot run."""
        total = np.zeros(len(metrics["latency_s"]))
        for limit in self.limits:
            if limit.metric in among:
                total += np.maximum(metrics[limit.metric] / limit.at_most - 1.0, 0.0)
        return np.where(np.isfinite(metrics["latency_s"]), total, np.inf)

    def told(self, metrics: Metrics) -> tuple[Float[ndarray, "n m"], Float[ndarray, " n"]]:
        """Losses and violations as an optimizer is told them: by the reward, if there is one."""
        if self.reward == LEXICOGRAPHIC:
            return self.losses(metrics), self.violations(metrics)
        n = len(metrics["latency_s"])
        ratios = [metrics[limit.metric] / limit.at_most for limit in self.limits]
        columns = np.array(ratios).reshape(len(ratios), n).T
        return REWARDS[self.reward].told(self._quality(metrics), columns, self.exponent)

    def _quality(self, metrics: Metrics) -> Float[ndarray, " n"]:
        """The first goal as something to maximise; NaN for what cannot run."""
        goal, runs = self.goals[0], np.isfinite(metrics["latency_s"])
        known = np.where(runs, metrics[goal.metric], np.nan)
        if self.score is not None and goal.metric == "accuracy":
            return self.score.quality(known)
        return known if goal.maximise else 1.0 / known

    def called(self, metric: str) -> str:
        """A metric as records and people call it: a score goes by its own name."""
        return self.score.name if self.score and metric == "accuracy" else metric

    @property
    def limits_bind(self) -> bool:
        """Whether no design beyond a limit is wanted: not so where the reward trades them."""
        return self.reward == LEXICOGRAPHIC or not REWARDS[self.reward].trades

    @cached_property
    def excess(self) -> Excess | None:
        """Genomes (n, d) -> violation (n,) of what is known before an evaluation: the area.

        None where no limit is on area, the chip is fixed, the cost model cannot tell an area
        alone, or the reward trades limits, so that none is a reason to try nothing beyond it.
        """
        searched = not isinstance(self.chips, Columns)
        limited = any(limit.metric == "area_mm2" for limit in self.limits)
        if limited and searched and self.limits_bind and isinstance(self.cost_model, KnowsArea):
            return self._area_excess
        return None

    def _area_excess(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, " n"]:
        assert isinstance(self.cost_model, KnowsArea)
        area = self.cost_model.area_mm2(self.decode_chips(genomes))
        known = {"latency_s": np.zeros(len(genomes)), "area_mm2": area}
        return self.violations(known, among=("area_mm2",))

    def describe(self) -> dict[str, Any]:
        """What a manifest must say to know the problem again."""
        chip = self.chips if isinstance(self.chips, Columns) else None
        given = self.networks if isinstance(self.networks, Workloads) else None
        return {
            "space": self.space.fingerprint,
            "cost_model": self.cost_model.name,
            "fixed_chip": {k: _plain(v) for k, v in chip.items()} if chip else None,
            "workloads": given.describe() if given else None,
            "goals": [[goal.metric, goal.maximise] for goal in self.goals],
            "limits": self.at_most,
            "reward": self.reward,
            "exponent": self.exponent,
            **({"score": self.score.describe()} if self.score else {}),
        }


def _plain(value: ndarray) -> float | str:
    """As JSON has it, which knows no infinity."""
    number = float(value)
    return number if np.isfinite(number) else str(number)
