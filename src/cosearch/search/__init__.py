"""Optimizers with batched ask/tell. `OPTIMIZERS` names them."""

from collections.abc import Callable, Mapping
from typing import Final

from cosearch.search.evolution import RegularisedEvolution
from cosearch.search.filtered import Admissible, Filtered, filtered
from cosearch.search.genetic import GeneticAlgorithm
from cosearch.search.grid import Grid
from cosearch.search.nsga2 import NSGA2
from cosearch.search.optimizer import Optimizer, ranks
from cosearch.search.quasi_random import QuasiRandom
from cosearch.search.random_search import RandomSearch
from cosearch.search.reinforce import Reinforce

OPTIMIZERS: Final[Mapping[str, Callable[..., Optimizer]]] = {
    "evolution": RegularisedEvolution,
    "genetic": GeneticAlgorithm,
    "grid": Grid,
    "nsga2": NSGA2,
    "quasi-random": QuasiRandom,
    "random": RandomSearch,
    "reinforce": Reinforce,
}

__all__ = [
    "NSGA2",
    "OPTIMIZERS",
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
