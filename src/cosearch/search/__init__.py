"""Optimizers with batched ask/tell. `OPTIMIZERS` names them."""

from collections.abc import Callable, Mapping
from typing import Final

from cosearch.search.evolution import RegularisedEvolution
from cosearch.search.optimizer import Optimizer, ranks
from cosearch.search.random_search import RandomSearch

OPTIMIZERS: Final[Mapping[str, Callable[..., Optimizer]]] = {
    "evolution": RegularisedEvolution,
    "random": RandomSearch,
}

__all__ = ["OPTIMIZERS", "Optimizer", "RandomSearch", "RegularisedEvolution", "ranks"]
