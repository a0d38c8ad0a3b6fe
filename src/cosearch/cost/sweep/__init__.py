"""The exact sweep: every design of a chip family whose model factorises, evaluated."""

from cosearch.cost.sweep.figures import Figures, figures
from cosearch.cost.sweep.goal import AGGREGATES, OBJECTIVES, Aggregate, Budget, Goal
from cosearch.cost.sweep.interface import SweepTables
from cosearch.cost.sweep.result import Answer, SweepResult
from cosearch.cost.sweep.sweep import sweep

__all__ = [
    "AGGREGATES",
    "OBJECTIVES",
    "Aggregate",
    "Answer",
    "Budget",
    "Figures",
    "Goal",
    "SweepResult",
    "SweepTables",
    "figures",
    "sweep",
]
