"""What is wanted: metrics, goals, limits, rewards. Directions are flipped here and nowhere else."""

from cosearch.problem.goals import METRICS, Goal, Limit, Metrics
from cosearch.problem.problem import Problem
from cosearch.problem.rewards import REWARDS, Reward
from cosearch.problem.score import Score
from cosearch.problem.workloads import Workloads

__all__ = [
    "METRICS",
    "REWARDS",
    "Goal",
    "Limit",
    "Metrics",
    "Problem",
    "Reward",
    "Score",
    "Workloads",
]
