"""Optimizers by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from cosearch.errors import unknown
from cosearch.search.adapters import presets
from cosearch.search.adapters.nevergrad_optimizer import NevergradOptimizer
from cosearch.search.adapters.optuna_sampler import OptunaSampler
from cosearch.search.ensembles.adaptive_p3bo import AdaptiveP3BO
from cosearch.search.ensembles.p3bo import P3BO
from cosearch.search.evolutionary.differential import DifferentialEvolution
from cosearch.search.evolutionary.evolution import RegularisedEvolution
from cosearch.search.evolutionary.genetic import GeneticAlgorithm
from cosearch.search.evolutionary.nsga2 import NSGA2
from cosearch.search.known import Excess, Filtered
from cosearch.search.model_based.gp.bandit import GPBandit
from cosearch.search.model_based.mbo import MBO
from cosearch.search.optimizer import Optimizer
from cosearch.search.policy_gradient.controller import PPO
from cosearch.search.policy_gradient.reinforce import Reinforce
from cosearch.search.sampling.grid import Grid
from cosearch.search.sampling.quasi_random import QuasiRandom
from cosearch.search.sampling.random_search import RandomSearch
from cosearch.space import Space

# Other libraries', each an extra; nothing is imported before one is made.
OUTSIDE: Final[Mapping[str, Callable[..., Optimizer]]] = {
    "nevergrad": NevergradOptimizer,
    "optuna": OptunaSampler,
    "optuna-cma-es": presets.optuna_cma_es,
    "optuna-gp": presets.optuna_gp,
    "optuna-nsga2": presets.optuna_nsga2,
    "optuna-tpe": presets.optuna_tpe,
}

# Each is called (space, rng, **options). One that can make use of limits known beforehand takes
# them as the option `excess`; the others are filtered.
OPTIMIZERS: Final[Mapping[str, Callable[..., Optimizer]]] = {
    "adaptive-p3bo": AdaptiveP3BO,
    "differential": DifferentialEvolution,
    "evolution": RegularisedEvolution,
    "genetic": GeneticAlgorithm,
    "gp": GPBandit,
    "grid": Grid,
    "mbo": MBO,
    "nsga2": NSGA2,
    "p3bo": P3BO,
    "ppo": PPO,
    "quasi-random": QuasiRandom,
    "random": RandomSearch,
    "reinforce": Reinforce,
    **OUTSIDE,
}


def make_optimizer(
    name: str,
    space: Space,
    rng: np.random.Generator,
    *,
    excess: Excess | None = None,
    **options: Any,
) -> Optimizer:
    """An optimizer by name, which keeps the limits known beforehand if `excess` says how far.

    Raises `CosearchError` for an unknown name.
    """
    if name not in OPTIMIZERS:
        raise unknown("optimizer", name, OPTIMIZERS)
    make = OPTIMIZERS[name]
    if excess is None:
        return make(space, rng, **options)
    if "excess" in inspect.signature(make).parameters:
        return make(space, rng, excess=excess, **options)
    return Filtered(make(space, rng, **options), space, rng, excess)
