"""The search loop, its records, where evaluations run."""

from cosearch.study.study import Study
from cosearch.study.trials import Trials
from cosearch.study.workers import spread

__all__ = ["Study", "Trials", "spread"]
