"""`Constraint`: limits given once, as a filter, a sampler, a reward, a table and a guarantee."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from cosearch.columns import Columns
from cosearch.cost import AsksGenomes, AsksNetworks, Cost
from cosearch.cost.lookup import LookupTable
from cosearch.errors import CosearchError, LimitError
from cosearch.networks import Layers
from cosearch.problem.goals import Metrics
from cosearch.problem.paths.asked import Asked
from cosearch.problem.paths.exact import Candidate, Step, exact_step
from cosearch.problem.paths.priced import Paths
from cosearch.problem.paths.sampling import Sampler, reachable
from cosearch.problem.paths.scoring import Per, Scores, edge_scores
from cosearch.problem.paths.table import METRICS, PathTable
from cosearch.problem.problem import Problem
from cosearch.problem.workloads import Workloads

_TRIED: Final = 64  # networks that show whether a cost model is additive
_OBSERVED: Final = 256  # networks that show how far a table is off
_SAME: Final = 1e-9
_SURE: Final = (1.0, 0.9, 0.5, 0.0)  # quantiles of true / table, from sure to hopeful
_ROUNDS: Final = 32  # of drawing, where more than one limit or a model's context throws some out


@runtime_checkable
class Tabled(Protocol):
    """A cost model that is a lookup table of a space's blocks."""

    @property
    def table(self) -> LookupTable:
        """The table."""
        ...


@dataclass(frozen=True)
class Constraint:
    """A problem of networks on one device, and the table of what their parts cost there.

    Everything follows from the problem's limits. `filter`, `reward` and `final` ask its cost
    model; `sampler` and `places` take the table's sums, which are exact where that is additive.
    """

    problem: Problem
    table: PathTable

    @classmethod
    def of(cls, problem: Problem, seed: int = 0) -> Constraint:
        """Price the blocks: layer by layer where the cost model is additive, else among others.

        Raises `CosearchError` for searched chips (fix one, and see `best_pair`), for a space
        that is no chain of blocks, and for a device that is measured network by network.
        """
        return cls(problem, table_for(problem, seed))

    @cached_property
    def limits(self) -> dict[str, float]:
        """By metric, in SI units."""
        return self.problem.at_most

    # ---- the roles

    def filter(self, genomes: Int[ndarray, "n d"]) -> Bool[ndarray, " n"]:
        """Which networks meet every limit."""
        return self.problem.violations(self.problem.model(genomes)) == 0

    def sampler(self, rng: np.random.Generator, n: int) -> Int[ndarray, "n d"]:
        """Random networks within the limits, uniform by construction under one additive limit.

        Of several limits the one that leaves the fewest networks is met by construction, and
        what misses another is left out; so is what misses a limit for the table's error. Raises
        `LimitError` where too little is left.
        """
        draw = self._tightest
        found = np.empty((0, len(self.problem.space)), dtype=np.int64)
        for _ in range(_ROUNDS):
            drawn = draw.sample(rng, max(n, 64))
            found = np.concatenate([found, drawn[self.filter(drawn)]])
            if len(found) >= n:
                return found[:n]
        raise LimitError(
            f"{len(found)} of {n} networks asked for: almost none within one limit meets all of "
            f"{', '.join(f'{m} {at:.4g}' for m, at in self.limits.items())}"
        )

    def reward(self, metrics: Metrics) -> tuple[Float[ndarray, "n m"], Float[ndarray, " n"]]:
        """Losses and violations by the problem's reward, as optimizers are told them."""
        return self.problem.told(metrics)

    def places(self) -> list[Float[ndarray, "_ k"]]:
        """Costs of each place's options in the order of `limits`, for expectations."""
        columns = [self.table.column(metric) for metric in self.limits if metric != "area_mm2"]
        return [costs[:, columns] for costs in self.table.of_places()]

    def final(
        self, scores: Scores | None, *, per: Per = "knob", most: int = 4096, seed: int = 0
    ) -> Step:
        """The best-scored network that meets the limits by the problem's cost model.

        See `exact_step`; where none meets them, the least violation found.
        """
        model = self.problem.model
        return exact_step(self.table, scores, self.limits, model, per=per, most=most, seed=seed)

    def required(self, step: Step) -> Step:
        """The step, or a `LimitError` that says by how much its network misses the limits."""
        return step.required(self.limits)

    def candidate(self, score: float) -> Candidate:
        """This device as one of several, for `best_pair`."""
        return Candidate(score, self.table, self.problem.model)

    # ---- what stands behind them

    @cached_property
    def _tightest(self) -> Sampler:
        """Draws under the limit that leaves the fewest networks, where the table is surest."""
        for quantile in _SURE if self._seen.apart else _SURE[-1:]:
            limits = self._seen.scaled(quantile) if self._seen.apart else self.limits
            try:
                return self._under(limits)
            except CosearchError as error:  # too sure: nothing is left
                missed = error
        raise LimitError(str(missed))

    def _under(self, limits: Mapping[str, float]) -> Sampler:
        """Draws under that one of the table's limits that leaves the fewest networks."""
        samplers = [
            Sampler.of(self.table, metric, -np.inf, at)
            for metric, at in limits.items()
            if metric in self.table.metrics and reachable(self.table, metric)[1] > at
        ]
        return min(samplers, key=lambda s: s.networks, default=Sampler.anywhere(self.table))

    @cached_property
    def _seen(self) -> Asked:
        """How far the table is off."""
        scores = edge_scores(self.table, None)
        return Asked(self.table, scores, self.limits, self.problem.model, _OBSERVED, 0)


def table_for(problem: Problem, seed: int = 0) -> PathTable:
    """What the parts of a problem's networks cost on its one device."""
    if isinstance(problem.networks, Workloads):
        raise CosearchError("the networks are given: there are no paths to choose")
    if isinstance(problem.cost_model, Tabled):
        return PathTable.of_lookup(problem.networks, problem.cost_model.table)
    if isinstance(problem.cost_model, AsksNetworks | AsksGenomes):
        raise CosearchError(
            f"cost model {problem.cost_model.name}: answers for whole networks only; measure a "
            "lookup table first (cosearch lut build)"
        )
    if not isinstance(problem.chips, Columns):
        raise CosearchError("the chip is searched too: a table of paths is of one chip")
    paths = Paths.of(problem.networks)
    chip: Any = problem.chips[..., None]

    def cost_of_layers(layers: Layers) -> Cost:
        return problem.cost_model(layers, chip)

    alone = PathTable.of(paths, cost_of_layers)
    if _additive(alone, problem, seed):
        return alone
    among = PathTable.in_context(paths, cost_of_layers, METRICS[:2], seed)
    return alone.replaced(among)


def _additive(table: PathTable, problem: Problem, seed: int) -> bool:
    """Whether layers alone add up to what the model says of some networks."""
    genomes = problem.space.sample(np.random.default_rng(seed), _TRIED)
    metrics, costs = problem.model(genomes), table.costs(genomes)
    return all(
        np.allclose(costs[:, table.column(name)], metrics[name], rtol=_SAME, atol=0)
        for name in METRICS[:2]
    )
