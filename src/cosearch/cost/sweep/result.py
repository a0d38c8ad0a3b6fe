"""What a sweep ends with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.sweep.figures import Figures, figures
from cosearch.cost.sweep.findings import NOBODY, Best, Findings
from cosearch.cost.sweep.goal import Budget, Goal
from cosearch.cost.sweep.interface import SweepTables


@dataclass(frozen=True)
class Answer:
    """The best designs within a budget; if none meets it, the one that misses it least."""

    budget: Budget
    met: int  # designs within the budget
    best: Figures  # at most the top K, best first; the first is the optimum
    loss: Float[ndarray, " k"]  # the objective; of several workloads, the aggregate's loss
    nearest: Figures | None  # one design, where none meets the budget but some can run
    violation: float  # sum of its relative excesses; 0 where a design meets the budget


@dataclass(frozen=True)
class SweepResult:
    """Every design was evaluated; `front` holds all that can run, whatever the budgets."""

    goal: Goal
    reference: Figures | None
    evaluated: int
    can_run: int
    answers: tuple[Answer, ...]
    front: Figures | None  # by rising area; of designs equal in all objectives the lowest index

    def speed_up(self, found: Figures) -> Float[ndarray, " n"] | None:
        """Latency against the reference chip's, workloads taken together.

        None without such a chip, or where it cannot run.
        """
        if self.reference is None or not np.isfinite(self.reference.latency_s).all():
            return None
        ratios = list((found.latency_s / self.reference.latency_s).T)
        loss = self.goal.aggregate.loss(ratios, np)
        return np.asarray(self.goal.aggregate.gain(loss, len(ratios)))


def conclude(
    workloads: Sequence[SweepTables], goal: Goal, reference: Figures | None, findings: Findings
) -> SweepResult:
    """The figures of what was found."""
    front = None
    if findings.front is not None:
        _, designs = findings.front.cut()
        front = figures(workloads, designs)
    pairs = zip(goal.budgets, findings.best, strict=True)
    return SweepResult(
        goal=goal,
        reference=reference,
        evaluated=findings.evaluated,
        can_run=findings.can_run,
        answers=tuple(_answer(workloads, budget, best) for budget, best in pairs),
        front=front,
    )


def _answer(workloads: Sequence[SweepTables], budget: Budget, best: Best) -> Answer:
    violation, design = best.violation
    missed = best.met == 0
    nearest: Int[ndarray, " n"] = np.array([design] if missed and design != NOBODY else [])
    return Answer(
        budget=budget,
        met=best.met,
        best=figures(workloads, best.design),
        loss=best.loss,
        nearest=figures(workloads, nearest) if len(nearest) else None,
        violation=violation if missed else 0.0,
    )
