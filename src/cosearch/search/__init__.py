"""Optimizers with batched ask/tell. `OPTIMIZERS` names them."""

from collections.abc import Callable, Mapping
from typing import Final

from cosearch.search.adaptive_p3bo import AdaptiveP3BO
from cosearch.search.evolution import RegularisedEvolution
from cosearch.search.filtered import Admissible, Filtered, filtered
from cosearch.search.genetic import GeneticAlgorithm
from cosearch.search.grid import Grid
from cosearch.search.mbo import MBO
from cosearch.search.nsga2 import NSGA2
from cosearch.search.optimizer import Optimizer, ranks
from cosearch.search.p3bo import P3BO
from cosearch.search.quasi_random import QuasiRandom
from cosearch.search.random_search import RandomSearch
from cosearch.search.reinforce import Reinforce

OPTIMIZERS: Final[Mapping[str, Callable[..., Optimizer]]] = {
    "adaptive-p3bo": AdaptiveP3BO,
    "evolution": RegularisedEvolution,
    "genetic": GeneticAlgorithm,
    "grid": Grid,
    "mbo": MBO,
    "nsga2": NSGA2,
    "p3bo": P3BO,
    "quasi-random": QuasiRandom,
    "random": RandomSearch,
    "reinforce": Reinforce,
}

__all__ = [
    "MBO",
    "NSGA2",
    "OPTIMIZERS",
    "P3BO",
    "AdaptiveP3BO",
    "Admissible",
    "Filtered",
    "GeneticAlgorithm",
    "Grid",
    "Optimizer",
    "QuasiRandom",
    "RandomSearch",
    "RegularisedEvolution",
    "Reinforce",
    "filtered",
    "ranks",
]
