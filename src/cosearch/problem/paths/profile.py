"""What the networks of a space take on a device, before a search: can the limits be met?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.problem.goals import QUANTITIES
from cosearch.problem.paths.backward import best_along, completions
from cosearch.problem.paths.constraint import Constraint
from cosearch.problem.paths.exact import Step
from cosearch.problem.paths.priced import COUNTED
from cosearch.problem.paths.sampling import Sampler
from cosearch.problem.paths.table import PathTable
from cosearch.units import show

NETWORKS: Final = 512
_SAME: Final = 1e-9


@dataclass(frozen=True)
class Row:
    """One metric over the space. `exact`: whether least and most are; the median is sampled."""

    metric: str
    least: float
    median: float
    most: float
    exact: bool
    limit: float | None = None
    within: float | None = None  # the share of networks that meet it: counted if exact, or sampled

    def cells(self) -> tuple[str, ...]:
        """Metric, least, median, most, limit and share within, for people."""
        about = "" if self.exact else "~"
        least, median, most = (_say(self, v) for v in (self.least, self.median, self.most))
        limited = ("", "")
        if self.limit is not None:
            limited = (_say(self, self.limit), _share(self.within or 0.0))
        return (_name(self.metric), about + least, median, about + most, *limited)


@dataclass(frozen=True)
class Profile:
    """All metrics, of `networks` drawn uniformly, and what the limits leave.

    `step` is the network of least violation, as the true model has it; None without limits.
    """

    space: str
    size: int
    networks: int
    rows: tuple[Row, ...]
    within: float  # the share that meets all limits: sampled, where there are several
    step: Step | None

    @property
    def reachable(self) -> bool:
        """Whether the limits can be met; True where there is none."""
        return self.step is None or self.step.met

    def lines(self) -> dict[str, str]:
        """For people, a line on each metric and one on the limits, if there are any."""
        said = {_name(row.metric): _line(row) for row in self.rows}
        return said if self.step is None else {**said, "limits": self.verdict()}

    def verdict(self) -> str:
        """Whether the limits can be met."""
        assert self.step is not None, "there is no limit"
        if self.reachable:
            return f"the limits can be met, by {_share(self.within)}"
        return f"no network meets the limits: the least violation is {self.step.violation:.3g}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data, SI units."""
        step = self.step
        return {
            "space": self.space,
            "space_size": self.size,
            "sampled": self.networks,
            "metrics": [asdict(row) for row in self.rows],
            "within": self.within,
            "reachable": self.reachable,
            "least_violation": None if step is None else step.violation,
        }


def profile(constraint: Constraint, *, networks: int = NETWORKS, seed: int = 0) -> Profile:
    """Least, median and most of every metric, and whether and by how many the limits are met."""
    problem, table = constraint.problem, constraint.table
    rng = np.random.default_rng(seed)
    genomes = Sampler.anywhere(table).sample(rng, networks)
    metrics = _metrics(constraint, genomes)
    runs = np.isfinite(metrics["latency_s"])
    met = problem.violations({**metrics, "accuracy": np.zeros(networks)}) == 0
    rows = [
        _row(constraint, name, genomes, values[runs])
        for name, values in metrics.items()
        if np.isfinite(values[runs]).all() and values[runs].any()
    ]
    step = constraint.final(None) if constraint.limits else None
    shares = [row.within for row in rows if row.within is not None]
    within = shares[0] if len(shares) == 1 else float(met.mean())
    return Profile(table.graph.name, table.graph.space.size, networks, tuple(rows), within, step)


def check_limits(found: Profile, constraint: Constraint) -> None:
    """Raise `LimitError` with the least violation where no network meets the limits."""
    if found.step is not None:
        constraint.required(found.step)


def _metrics(
    constraint: Constraint, genomes: Int[ndarray, "n d"]
) -> dict[str, Float[ndarray, " n"]]:
    """The cost model's, and what is counted of the networks."""
    table = constraint.table
    found = {k: v for k, v in constraint.problem.model(genomes).items() if k != "accuracy"}
    costs = table.costs(genomes)
    return {**found, **{m: costs[:, table.column(m)] for m in COUNTED if m in table.metrics}}


def _row(constraint: Constraint, metric: str, genomes: Int[ndarray, "n d"], values: ndarray) -> Row:
    limit = constraint.limits.get(metric)
    ends, exact = _ends(constraint, metric, genomes)
    within = None if limit is None else float((values <= limit).sum() / len(genomes))
    if limit is not None and exact and ends[0] < limit < ends[1]:
        counted = Sampler.of(constraint.table, metric, -np.inf, limit).networks
        within = counted / constraint.table.graph.space.size
    return Row(
        metric,
        min(float(values.min()), ends[0]),
        float(np.median(values)),
        max(float(values.max()), ends[1]),
        exact,
        limit,
        within,
    )


def _ends(
    constraint: Constraint, metric: str, genomes: Int[ndarray, "n d"]
) -> tuple[tuple[float, float], bool]:
    """(metric of the table's least and most, whether these are the least and most there are)."""
    table = constraint.table
    if metric not in table.metrics:  # of the chip alone
        value = float(_metrics(constraint, genomes[:1])[metric][0])
        return (value, value), True
    column = table.column(metric)
    true = _metrics(constraint, genomes)[metric]
    exact = np.allclose(true, table.costs(genomes)[:, column], rtol=_SAME, atol=0)
    low, high = _metrics(constraint, _extremes(table, column))[metric]
    return (float(low), float(high)), bool(exact)


def _extremes(table: PathTable, column: int) -> Int[ndarray, "2 d"]:
    """The cheapest and the dearest network that can run."""
    paths = []
    for sign in (-1.0, 1.0):
        scores = tuple(
            np.where(np.isfinite(costs).all(axis=1), sign * costs[:, column], -np.inf)
            for costs in table.edges
        )
        paths.append(best_along(table.graph, scores, completions(table.graph, scores)))
    return table.graph.genomes(np.stack(paths))


def _line(row: Row) -> str:
    _, least, median, most, limit, within = row.cells()
    if row.least == row.most:
        return least
    said = f"{least} to {most}, median {median}"
    return f"{said}; {within} within {limit}" if limit else said


def _share(share: float) -> str:
    return f"{share:.1%} of all" if share >= 0.001 or share == 0 else f"{share:.1e} of all"


def _name(metric: str) -> str:
    return metric.rpartition("_")[0] or metric


def _say(row: Row, value: float) -> str:
    if row.metric in QUANTITIES:
        return show(value, QUANTITIES[row.metric], 4)
    return f"{value / 1e6:.4g} M"
