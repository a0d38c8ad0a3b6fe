"""The optimizers a population may hold: a space of kinds and hyper-parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from cosearch.search.evolutionary.evolution import RegularisedEvolution
from cosearch.search.evolutionary.genetic import GeneticAlgorithm
from cosearch.search.evolutionary.walker import SingleMutantWalker
from cosearch.search.known import Excess, Filtered
from cosearch.search.model_based.gp.bandit import GPBandit
from cosearch.search.model_based.gp.mind import Mind
from cosearch.search.model_based.mbo import MBO
from cosearch.search.model_based.regressors import REGRESSORS
from cosearch.search.model_based.surrogate import Surrogate
from cosearch.search.optimizer import Optimizer
from cosearch.search.prior import Prior, transferred
from cosearch.space import Choice, Knob, Space

_KINDS: Final[Mapping[str, Any]] = {
    "walker": SingleMutantWalker,
    "evolution": RegularisedEvolution,
    "genetic": GeneticAlgorithm,
    "mbo": MBO,
    "gp": GPBandit,
}
_REGRESSORS: Final[Mapping[str, tuple[str, ...]]] = {
    "all": tuple(REGRESSORS),
    "smooth": ("ridge", "bayesian-ridge", "lasso", "gaussian-process", "network"),
    "local": ("forest", "boosting", "neighbours"),
}
_THRESHOLD: Final = 0.2

MEMBERS: Final = Space(
    [
        Knob("kind", tuple(_KINDS)),
        Knob("elite", (1, 4, 16), {"kind": ("walker",)}),
        Knob("population", (20, 50, 100), {"kind": ("evolution", "genetic")}),
        Knob("tournament", (2, 5, 10), {"kind": ("evolution", "genetic")}),
        Knob("crossover", (0.3, 0.7, 1.0), {"kind": ("genetic",)}),
        Knob("mutation", (1.0, 2.0, 4.0), {"kind": ("genetic",)}),
        Knob("regressors", tuple(_REGRESSORS), {"kind": ("mbo",)}),
        Knob("acquisition", ("mean", "ucb", "ei"), {"kind": ("mbo",)}),
        Knob("kappa", (0.5, 1.0, 2.0), {"kind": ("mbo",), "acquisition": ("ucb",)}),
        Knob("explore", (0.0, 0.25), {"kind": ("gp",)}),
        Knob("generations", (5, 25), {"kind": ("gp",)}),
    ]
)

# Of five populations tried, this came nearest to the optimum on the networks for tuning of
# experiments/apollo: steps that need no model, and one model, read greedily and curiously.
DEFAULT: Final[tuple[Mapping[str, Choice], ...]] = (
    {"kind": "walker", "elite": 4},
    {"kind": "gp", "explore": 0.25, "generations": 25},
    {"kind": "gp", "explore": 0.0, "generations": 25},
)


class Nursery:
    """Makes members for one search space. Those that learn alike share their models.

    All of them keep the limits known beforehand, and learn from the priors so far.
    """

    def __init__(
        self, space: Space, rng: np.random.Generator, excess: Excess | None = None
    ) -> None:
        self.space = space
        self.excess = excess
        self._rng = rng
        self._surrogates: dict[str, Surrogate] = {}
        self._mind: Mind | None = None
        self._priors: list[Prior] = []

    def learn_from(self, prior: Prior) -> None:
        """Remember a prior for the members to come."""
        self._priors.append(prior)

    def make(self, values: Mapping[str, Choice]) -> Optimizer:
        """The member of these values, as `MEMBERS` allows them."""
        options: dict[str, Any] = dict(MEMBERS.values(MEMBERS.encode(values)))
        kind = _KINDS[str(options.pop("kind"))]
        if "regressors" in options:
            options["surrogate"] = self._surrogate(str(options.pop("regressors")))
        if kind is GPBandit:
            options["mind"] = self._shared_mind()
        (rng,) = self._rng.spawn(1)
        member = self._within_limits(kind, rng, options)
        for prior in self._priors:
            member = transferred(member, prior)
        return member

    def _within_limits(
        self, kind: Callable[..., Optimizer], rng: np.random.Generator, options: dict[str, Any]
    ) -> Optimizer:
        if "excess" in inspect.signature(kind).parameters:
            return kind(self.space, rng, excess=self.excess, **options)
        member = kind(self.space, rng, **options)
        return member if self.excess is None else Filtered(member, self.space, rng, self.excess)

    def _shared_mind(self) -> Mind:
        if self._mind is None:
            self._mind = Mind(self.space, self._rng.spawn(1)[0], self.excess)
        return self._mind

    def _surrogate(self, regressors: str) -> Surrogate:
        if regressors not in self._surrogates:
            (rng,) = self._rng.spawn(1)
            surrogate = Surrogate(self.space, rng, _REGRESSORS[regressors], _THRESHOLD)
            self._surrogates[regressors] = surrogate
        return self._surrogates[regressors]
