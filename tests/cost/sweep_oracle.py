"""The sweep's oracle: every design of small tables at once, in plain numpy, nothing clever."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cosearch.cost.sweep import Aggregate, Budget, Figures, Goal, SweepTables
from cosearch.pareto import non_dominated


def random_tables(seed: int, n_on: int = 240, n_off: int = 20, layers: int = 11) -> SweepTables:
    """Coarse numbers, so that ties abound; some layers that cannot run."""
    rng = np.random.default_rng(seed)
    rows, classes = n_on // 3, 7
    on_s, off_s = rng.integers(1, 9, (rows, layers)), rng.integers(1, 9, (classes, layers, n_off))
    tables = SweepTables(
        on_s=on_s / 8,
        row=rng.integers(0, rows, n_on),
        off_s=off_s / 8,
        memory=rng.integers(0, classes, n_on),
        count=rng.integers(1, 4, layers),
        on_energy_j=rng.integers(1, 20, n_on) / 4,
        off_energy_j=rng.integers(1, 20, (classes, n_off)) / 4,
        on_leakage_w=rng.integers(0, 5, n_on) / 64,
        off_leakage_w=rng.integers(0, 5, n_off) / 64,
        on_area_mm2=_areas(n_on, 1),
        off_area_mm2=_areas(n_off, 2) / 8,
    )
    tables.on_s[rng.integers(0, rows, rows // 9), rng.integers(0, layers, rows // 9)] = np.inf
    tables.off_s[rng.integers(0, classes), 0, : n_off // 2] = np.inf
    return tables


def _areas(n: int, seed: int) -> np.ndarray:
    """The same chips in every workload."""
    return np.random.default_rng(seed).integers(1, 40, n) / 4


def smooth_tables(seed: int, **sizes: int) -> SweepTables:
    """No ties; nothing a power of two."""
    rng, made = np.random.default_rng(seed), random_tables(seed, **sizes)
    noise = {
        name: array * rng.uniform(0.5, 1.5, array.shape)
        for name, array in vars(made).items()
        if array.dtype == float and "area" not in name and name != "count"
    }
    return replace(made, **noise)


class Everything:
    """All designs of all workloads: latency, energy (W, n) and area (n,)."""

    def __init__(self, workloads: list[SweepTables]) -> None:
        first = workloads[0]
        on, off = (side.ravel() for side in np.indices(first.sizes))
        self.latency, self.energy = [], []
        for each in workloads:
            slower = np.maximum(each.on_s[each.row[on]], each.off_s[each.memory[on], :, off])
            latency = (slower * each.count).sum(axis=1)
            power = each.on_leakage_w[on] + each.off_leakage_w[off]
            moved = each.on_energy_j[on] + each.off_energy_j[each.memory[on], off]
            with np.errstate(invalid="ignore"):
                energy = np.where(np.isinf(latency), np.inf, moved + power * latency)
            self.latency.append(latency)
            self.energy.append(energy)
        self.area = first.on_area_mm2[on] + first.off_area_mm2[off]

    @property
    def can_run(self) -> np.ndarray:
        return np.isfinite(self.latency).all(axis=0)

    def one(self, figures: list[np.ndarray], units: np.ndarray, aggregate: Aggregate) -> np.ndarray:
        """One figure per design; inf if it cannot run everything."""
        if len(figures) == 1:
            return figures[0]
        with np.errstate(divide="ignore"):
            ratios = [f / unit for f, unit in zip(figures, units, strict=True)]
            return np.where(self.can_run, aggregate.loss(ratios, np), np.inf)

    def objective(self, goal: Goal, name: str, reference: Figures) -> np.ndarray:
        time, joules = reference.latency_s[0], reference.energy_j[0]
        products = [a * b for a, b in zip(self.latency, self.energy, strict=True)]
        figures, units = {
            "latency": (self.latency, time),
            "energy": (self.energy, joules),
            "edp": (products, time * joules),
            "area": ([self.area], time),
        }[name]
        return self.one(figures, units, goal.aggregate)

    def within(self, budget: Budget) -> np.ndarray:
        meets = self.can_run & (self.area <= budget.area_mm2)
        for time, joules in zip(self.latency, self.energy, strict=True):
            meets &= (time <= budget.latency_s) & (joules <= budget.energy_j)
        return meets

    def violation(self, budget: Budget) -> np.ndarray:
        runs, excess = self.can_run, np.full(len(self.area), np.inf)
        time, joules = np.max(self.latency, axis=0)[runs], np.max(self.energy, axis=0)[runs]
        excess[runs] = np.maximum(self.area[runs] / budget.area_mm2 - 1, 0)
        excess[runs] += np.maximum(time / budget.latency_s - 1, 0)
        excess[runs] += np.maximum(joules / budget.energy_j - 1, 0)
        return excess

    def best(self, goal: Goal, budget: Budget, reference: Figures) -> list[int]:
        """The top designs, best first; ties to the lower index."""
        loss = self.objective(goal, goal.objective, reference)
        inside = np.flatnonzero(self.within(budget))
        ranked = sorted(inside.tolist(), key=lambda design: (loss[design], design))
        return ranked[: goal.top]

    def front(self, goal: Goal, reference: Figures) -> list[int]:
        """Undominated designs that can run, of equal ones the lowest, by rising area."""
        names = ("area", "latency", "energy")[: goal.front]
        points = np.stack([self.objective(goal, name, reference) for name in names], axis=1)
        lowest: dict[tuple[float, ...], int] = {}
        for design in np.flatnonzero(self.can_run).tolist():
            lowest.setdefault(tuple(points[design]), design)
        distinct = np.array(list(lowest))
        return [
            lowest[tuple(point)] for point in sorted(distinct[non_dominated(distinct)].tolist())
        ]
