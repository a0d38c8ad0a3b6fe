"""Optimizers with batched ask/tell. `OPTIMIZERS` names them, `make_optimizer` makes them."""

from cosearch.search.ensembles.adaptive_p3bo import AdaptiveP3BO
from cosearch.search.ensembles.p3bo import P3BO
from cosearch.search.evolutionary.differential import DifferentialEvolution
from cosearch.search.evolutionary.evolution import RegularisedEvolution
from cosearch.search.evolutionary.genetic import GeneticAlgorithm
from cosearch.search.evolutionary.nsga2 import NSGA2
from cosearch.search.known import Excess, Filtered, repair
from cosearch.search.model_based.gp.bandit import GPBandit
from cosearch.search.model_based.mbo import MBO
from cosearch.search.optimizer import Optimizer, ranks
from cosearch.search.policy_gradient.controller import PPO
from cosearch.search.policy_gradient.reinforce import Reinforce
from cosearch.search.prior import Prior, Seeded, Transferring, transferred
from cosearch.search.registry import OPTIMIZERS, make_optimizer
from cosearch.search.sampling.grid import Grid
from cosearch.search.sampling.quasi_random import QuasiRandom
from cosearch.search.sampling.random_search import RandomSearch

__all__ = [
    "MBO",
    "NSGA2",
    "OPTIMIZERS",
    "P3BO",
    "PPO",
    "AdaptiveP3BO",
    "DifferentialEvolution",
    "Excess",
    "Filtered",
    "GPBandit",
    "GeneticAlgorithm",
    "Grid",
    "Optimizer",
    "Prior",
    "QuasiRandom",
    "RandomSearch",
    "RegularisedEvolution",
    "Reinforce",
    "Seeded",
    "Transferring",
    "make_optimizer",
    "ranks",
    "repair",
    "transferred",
]
