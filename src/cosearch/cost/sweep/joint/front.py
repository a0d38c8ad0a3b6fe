"""Networks of a list x all chips: the exact front of merit and latency, by nesting.

Networks by falling merit. A network is worth a look only where some chip runs it faster than any
network before it; on which chips that could be, a bound says that costs one matrix product for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.edge.model import EdgeModel
from cosearch.cost.sweep.factors import FactoredFamily, sizes
from cosearch.cost.sweep.goal import Budget
from cosearch.cost.sweep.joint.kernel import ROUNDING
from cosearch.cost.sweep.joint.tables import Best, JointTables
from cosearch.errors import CosearchError
from cosearch.networks import Layers
from cosearch.progress import Progress, silent

_AT_ONCE = 32  # networks in one matrix product


@dataclass(frozen=True)
class JointFront:
    """Designs of which none of more merit is as fast; the first is the joint optimum.

    By falling merit and falling latency. Of designs equal in both, the one of least area.
    """

    network: Int[ndarray, " k"]  # in the list
    design: Int[ndarray, " k"]  # index of the chip, see `factors`
    merit: Float[ndarray, " k"]
    latency_s: Float[ndarray, " k"]
    area_mm2: Float[ndarray, " k"]
    designs: int  # networks x chips covered

    def __len__(self) -> int:
        return len(self.network)


def joint_front(
    layers: Layers,
    merit: Float[ndarray, " n"],
    family: FactoredFamily,
    model: EdgeModel,
    budget: Budget,
    *,
    only_first: bool = False,
    workers: int = 1,
    progress: Progress = silent,
) -> JointFront:
    """Of networks `layers` (N, L) and every chip of `family` within `budget`: the whole front.

    `merit` decides first (more is better), then latency. `only_first` stops at the optimum. Same
    result for any number of workers (threads). Empty where no design meets the budget.
    """
    if len(merit) != layers.shape[0] or not np.isfinite(merit).all():
        raise CosearchError(f"merit: {layers.shape[0]} finite numbers are needed, one a network")
    tables = JointTables.of(layers, family, model, budget, workers, progress)
    order = tables.networks.first_of_equals(np.lexsort((np.arange(len(merit)), -merit)))
    found = _Record(budget.latency_s, only_first)
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(order), _AT_ONCE * workers):
            wave = order[start : start + _AT_ONCE * workers]
            if found.closed(float(merit[wave[0]])):
                break
            parts = np.array_split(wave, workers)
            work = [(tables, part, merit, found.copy()) for part in parts if len(part)]
            for rows in pool.map(lambda job: _search(*job), work):
                for row in rows:
                    found.offer(row)
            progress("networks", start + len(wave), len(order))
    return _front(found.rows, tables, len(merit), family)


@dataclass(frozen=True)
class _Row:
    network: int
    merit: float
    best: Best


@dataclass
class _Record:
    """The front so far, of networks offered by falling merit."""

    limit_s: float
    only_first: bool
    rows: list[_Row] = field(default_factory=list)

    def copy(self) -> _Record:
        return replace(self, rows=list(self.rows))

    def closed(self, merit: float) -> bool:
        """Whether networks of so little merit are no longer wanted."""
        return self.only_first and bool(self.rows) and merit < self.rows[0].merit

    def bar(self, merit: float) -> Best:
        """What a network must come before: faster, beyond rounding, than one of more merit."""
        if not self.rows:
            return self.limit_s, np.inf, 0, 0
        last = self.rows[-1]
        if last.merit == merit:
            return last.best
        return last.best[0] * (1.0 - ROUNDING), -np.inf, 0, 0

    def offer(self, row: _Row) -> None:
        if self.closed(row.merit) or row.best[:2] >= self.bar(row.merit)[:2]:
            return
        if self.rows and self.rows[-1].merit == row.merit:
            self.rows.pop()
        self.rows.append(row)


def _search(
    tables: JointTables, networks: Int[ndarray, " b"], merit: Float[ndarray, " n"], known: _Record
) -> Sequence[_Row]:
    """Those of `networks`, by falling merit, that come before what is known by then."""
    found = []
    for network, bound in zip(networks, tables.bounds_s(networks), strict=True):
        if known.closed(float(merit[network])):
            break
        bar = known.bar(float(merit[network]))
        best = tables.least(int(network), bound, bar)
        if best != bar:
            found.append(_Row(int(network), float(merit[network]), best))
            known.offer(found[-1])
    return found


def _front(
    rows: Sequence[_Row], tables: JointTables, networks: int, family: FactoredFamily
) -> JointFront:
    n_on, n_off = sizes(family)
    best = np.array([row.best for row in rows]).reshape(-1, 4)
    on, off = best[:, 2].astype(np.int64), best[:, 3].astype(np.int64)
    return JointFront(
        network=np.array([row.network for row in rows], dtype=np.int64),
        design=tables.on.number[on] * n_off + tables.off.number[off],
        merit=np.array([row.merit for row in rows]),
        latency_s=best[:, 0],
        area_mm2=best[:, 1],
        designs=networks * n_on * n_off,
    )
