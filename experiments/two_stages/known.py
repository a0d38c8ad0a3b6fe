"""Every network of the space, what it takes on a target, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.accuracy import Accuracy
from cosearch.families import FAMILIES
from cosearch.families.chain import ChainFamily
from cosearch.problem import Limit, Problem
from cosearch.recipes.hurricane.scores import OperatorCosts, operator_costs
from cosearch.recipes.hurricane.target import seconds_of
from cosearch.recipes.trained.target import Target
from cosearch.space import Choice, every
from experiments.two_stages.plan import SPACE, WITHIN


@dataclass(frozen=True)
class Known:
    """What a target makes of all networks, at their full size."""

    target: Target
    accuracy: Accuracy  # the benchmark's table

    @cached_property
    def accuracies(self) -> Float[ndarray, " n"]:
        """Of all networks."""
        return np.asarray(self.accuracy(self.genomes))

    @cached_property
    def family(self) -> ChainFamily:
        """As published."""
        found: Any = FAMILIES[SPACE].make()
        return found

    @cached_property
    def genomes(self) -> Int[ndarray, "n d"]:
        """All of them."""
        return every(self.family.space)

    @cached_property
    def latency_s(self) -> Float[ndarray, " n"]:
        """Of all of them."""
        return np.asarray(self.target.problem(self.family).model(self.genomes)["latency_s"])

    @cached_property
    def problem(self) -> Problem:
        """With the limit."""
        at_most = float(np.quantile(self.latency_s, WITHIN))
        return self.target.problem(self.family, limits=(Limit("latency_s", at_most),))

    @property
    def within(self) -> Float[ndarray, " m"]:
        """Accuracies of all networks within the limit."""
        return self.accuracies[self.latency_s <= self.problem.limits[0].at_most]

    @cached_property
    def costs(self) -> OperatorCosts:
        """Of every operator in every layer."""
        return operator_costs(self.family, seconds_of(self.target))

    def place(self, choices: Mapping[str, Choice]) -> int:
        """Of one network among all."""
        genome = self.family.space.encode(choices)
        return int(np.ravel_multi_index(genome, self.family.space.cardinalities))
