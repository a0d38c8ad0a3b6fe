"""The search loop, its records, where evaluations run."""

from cosearch.study.exact import solve
from cosearch.study.solved import EXACT, Solved
from cosearch.study.study import CERTIFICATE, Study
from cosearch.study.trials import Trials
from cosearch.study.workers import spread

__all__ = ["CERTIFICATE", "EXACT", "Solved", "Study", "Trials", "solve", "spread"]
