"""What a sweep has found so far: shared by all workers, and the same whatever their order."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.sweep.front import Front
from cosearch.cost.sweep.goal import Goal

NOBODY = int(np.iinfo(np.int64).max)  # a design after all others


@dataclass
class Best:
    """The best designs within one budget, by loss, then index; the least violation if none."""

    top: int
    met: int = 0
    loss: Float[ndarray, " k"] = field(default_factory=lambda: np.empty(0))
    design: Int[ndarray, " k"] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    violation: tuple[float, int] = (np.inf, NOBODY)  # least sum of excesses, its design

    @property
    def bar(self) -> tuple[float, int]:
        """(loss, design) to be better than."""
        if len(self.loss) < self.top:
            return np.inf, NOBODY
        return float(self.loss[-1]), int(self.design[-1])

    def offer(self, met: int, loss: Float[ndarray, " n"], design: Int[ndarray, " n"]) -> None:
        """Count designs that meet the budget, of which some may be among the best."""
        self.met += met
        if not len(loss):
            return
        loss, design = np.concatenate([self.loss, loss]), np.concatenate([self.design, design])
        order = np.lexsort((design, loss))[: self.top]
        self.loss, self.design = loss[order], design[order]

    def nearly(self, violation: float, design: int) -> None:
        """A design that can run, but not within the budget."""
        self.violation = min(self.violation, (violation, design))


class Findings:
    """Counts, the best per budget, the front. Hold `lock` to change anything."""

    def __init__(self, goal: Goal, total: int) -> None:
        self.lock = Lock()
        self.total = total
        self.evaluated = 0
        self.can_run = 0
        self.best = [Best(goal.top) for _ in goal.budgets]
        self.front = Front(goal.front) if goal.front else None
