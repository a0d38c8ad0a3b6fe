"""The constraint: what the networks of a space cost, as paths through a table of their parts."""

from cosearch.problem.paths.best import Best, best_path, best_paths
from cosearch.problem.paths.constraint import Constraint, table_for
from cosearch.problem.paths.exact import Candidate, Step, best_pair, exact_step
from cosearch.problem.paths.priced import Paths
from cosearch.problem.paths.sampling import Sampler, sample_paths
from cosearch.problem.paths.table import PathTable

__all__ = [
    "Best",
    "Candidate",
    "Constraint",
    "PathTable",
    "Paths",
    "Sampler",
    "Step",
    "best_pair",
    "best_path",
    "best_paths",
    "exact_step",
    "sample_paths",
    "table_for",
]
