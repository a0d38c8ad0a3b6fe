"""Which paths a supernet is trained on, and with which networks evolution begins."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Self

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError, LimitError
from cosearch.problem import Problem
from cosearch.problem.goals import beside_limits
from cosearch.problem.paths import PathTable, Sampler, best_path, sample_paths
from cosearch.recipes.spos.settings import SposSettings
from cosearch.recipes.trained.target import Target
from cosearch.space import Space

Genome = Int[ndarray, " d"]
_PRICED: Final = ("latency_s", "energy_j")


def table_of(target: Target, family: Any) -> PathTable:
    """What the blocks of `family` cost there, among others where the model looks at them."""
    if target.table is not None:
        return PathTable.of_lookup(family, target.table)
    assert target.device is not None
    return PathTable.in_context(family, target.device, _PRICED)


@dataclass(frozen=True)
class AnyPath:
    """Every network alike likely, knob by knob."""

    space: Space

    def __call__(self, rng: np.random.Generator) -> Genome:
        """One path."""
        return self.space.sample(rng, 1)[0]


@dataclass(frozen=True)
class PathsWithin:
    """Networks of a range of latencies, its bins alike likely.

    SPOS draws until a path is within a bin of FLOPs; here it is within by construction.
    """

    bins: tuple[Sampler, ...]

    @classmethod
    def of(cls, table: PathTable, low_s: float, high_s: float, bins: int) -> Self:
        """Equal bins of a range, without those that no network is in.

        Raises `CosearchError` where none is in any.
        """
        samplers: list[Sampler] = []
        edges = np.linspace(low_s, high_s, bins + 1)
        for least, most in pairwise(edges):
            with suppress(CosearchError):
                samplers.append(Sampler.of(table, "latency_s", least, most))
        return cls(tuple(samplers) or (Sampler.of(table, "latency_s", low_s, high_s),))

    def __call__(self, rng: np.random.Generator) -> Genome:
        """One path."""
        return self.bins[rng.integers(len(self.bins))].sample(rng, 1)[0]


def paths_for(settings: SposSettings, table: PathTable, problem: Problem) -> AnyPath | PathsWithin:
    """As the settings ask; shares are of the limit on latency."""
    asked = settings.path_range()
    if asked is None:
        return AnyPath(table.graph.space)
    limit_s = problem.at_most.get("latency_s")
    if limit_s is None:
        raise CosearchError(f"paths {settings.paths}: are shares of a latency limit; there is none")
    return PathsWithin.of(table, asked[0] * limit_s, asked[1] * limit_s, settings.bins)


def first_within(settings: SposSettings, table: PathTable, problem: Problem) -> Int[ndarray, "n d"]:
    """Networks within the limits, drawn by construction; the surest first.

    Drawn within the first limit; only what the problem's own cost model agrees to is kept, for
    there may be other limits, and the model need not be a sum over blocks.
    """
    limits = problem.at_most
    surest = best_path(table, None, limits).genome[None]
    drawn = np.unique(_drawn(settings, table, *next(iter(limits.items()))), axis=0)
    genomes = np.concatenate([surest, drawn[(drawn != surest).any(axis=1)]])
    return genomes[problem.violations(problem.model(genomes)) <= 0]


def _drawn(
    settings: SposSettings, table: PathTable, metric: str, at_most: float
) -> Int[ndarray, "n d"]:
    """None where the limit is so tight that none is surely within it."""
    rng = np.random.default_rng(settings.seed)
    try:
        return sample_paths(table, rng, settings.first, at_most={metric: at_most})
    except CosearchError:
        return np.empty((0, len(table.graph.space)), dtype=np.int64)


def check_limits(table: PathTable, problem: Problem) -> None:
    """Raise `LimitError` with the least violation where no network of the space is found within.

    For certain where costs add up; elsewhere by the networks that are cheapest part by part.
    """
    limits = problem.at_most
    halved = {metric: at_most / 2 for metric, at_most in limits.items()}
    nearest = [best_path(table, None, asked) for asked in (limits, halved)]
    genomes = np.stack([best.genome for best in nearest])
    metrics = problem.model(genomes)
    violations = problem.violations(metrics)
    if violations.min() <= 0:
        return
    best = int(np.argmin(violations))
    said = beside_limits({name: of[best] for name, of in metrics.items()}, limits)
    raise LimitError(
        f"no network of the generated space meets the limits; the nearest has {said}, violation "
        f"{violations[best]:.3g}: try a smaller alpha"
    )
