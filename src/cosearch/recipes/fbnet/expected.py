"""Latency per operator, so that expectations are sums: of the cost model, or fitted to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.families.places import options_of, places_of
from cosearch.problem import Problem
from cosearch.problem.paths import PathTable

_SAME: Final = 1e-6  # relative: a table that is so near the model is the model
_ROWS: Final = 4  # networks per number to fit
_HELD_OUT: Final = 256


@dataclass(frozen=True)
class Additive:
    """Seconds of each option of each place, and of what all networks have in common.

    `error` is relative, the mean over random networks.
    """

    options_s: list[Float[ndarray, " o"]]
    fixed_s: float
    error: float


def additive(problem: Problem, table: PathTable) -> Additive:
    """The table's latencies where they add up to the model's, else the nearest that do.

    On chips whose layers share a memory, what a block takes depends on the others. Then the
    nearer of two is taken: the table, or a fit as TuNAS's linear cost model, but without negative
    terms: no network takes less than the fastest one seen. Random networks are the same for every
    seed.
    """
    places = places_of(table.chain)
    rng = np.random.default_rng(0)
    unknowns = sum(len(place.options) for place in places)
    genomes = problem.space.sample(rng, _ROWS * unknowns + _HELD_OUT)
    latency_s = problem.model(genomes)["latency_s"]
    if not np.isfinite(latency_s).all():
        raise CosearchError("the device cannot run every network of this space: choose another")
    tabled = table.costs(genomes)[:, table.column("latency_s")]
    errors = np.abs(tabled / latency_s - 1)
    by_table = Additive(_of_table(table), 0.0, float(errors[-_HELD_OUT:].mean()))
    if errors.max() < _SAME:
        return replace(by_table, error=0.0)
    sizes = [len(place.options) for place in places]
    fitted = _fitted(options_of(table.chain, genomes), latency_s, sizes)
    return min(by_table, fitted, key=lambda one: one.error)


def _of_table(table: PathTable) -> list[Float[ndarray, " o"]]:
    column = table.column("latency_s")
    return [costs[:, column] for costs in table.of_places()]


def _fitted(
    options: Int[ndarray, "n p"], latency_s: Float[ndarray, " n"], sizes: list[int]
) -> Additive:
    """Least squares of the relative error on all but the last networks, which judge it."""
    from scipy.optimize import nnls

    columns: Any = [np.eye(size)[options[:, i]] for i, size in enumerate(sizes)]
    rows = np.concatenate(columns, axis=1)
    least = latency_s.min()
    train, test = slice(None, -_HELD_OUT), slice(-_HELD_OUT, None)
    relative = rows[train] * (least / latency_s[train])[:, None]
    found = nnls(relative, 1 - least / latency_s[train])[0] * least
    error = np.abs((least + rows[test] @ found) / latency_s[test] - 1).mean()
    return Additive(np.split(found, np.cumsum(sizes)[:-1]), float(least), float(error))
