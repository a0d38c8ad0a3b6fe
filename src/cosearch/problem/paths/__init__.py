"""The constraint: what the networks of a space cost, as paths through a table of their parts."""

from cosearch.problem.paths.best import Best, best_path, best_paths
from cosearch.problem.paths.sampling import Sampler, sample_paths
from cosearch.problem.paths.table import Paths, PathTable

__all__ = ["Best", "PathTable", "Paths", "Sampler", "best_path", "best_paths", "sample_paths"]
