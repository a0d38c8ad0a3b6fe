"""The generated space: scored, narrowed, and whether it suits the limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosearch.families import HurricaneFamily
from cosearch.problem import Problem
from cosearch.recipes.hurricane.narrowing import Narrowing
from cosearch.recipes.hurricane.scores import OperatorCosts
from cosearch.recipes.hurricane.target import narrowed_problem

ALPHAS: Final = (0.0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
WITHIN: Final = 0.25  # the share of random networks within the limits at which a space suits them
_DRAWN: Final = 512


@dataclass(frozen=True)
class Generated:
    """One alpha's space. `within` is the share of its random networks that meet the limits."""

    alpha: float
    problem: Problem
    within: float
    median_s: float

    @property
    def family(self) -> HurricaneFamily:
        """The space."""
        assert isinstance(self.problem.networks, HurricaneFamily)
        return self.problem.networks


def generate(
    problem: Problem, costs: OperatorCosts, narrowing: Callable[[float], Narrowing], alpha: float
) -> Generated:
    """The space of an alpha; `problem` is of all operators, with its limits."""
    assert isinstance(problem.networks, HurricaneFamily)
    family = problem.networks.narrowed(narrowing(alpha)(costs))
    narrow = narrowed_problem(problem, family)
    metrics = narrow.model(family.space.sample(np.random.default_rng(0), _DRAWN))
    met = narrow.violations(metrics) <= 0
    return Generated(alpha, narrow, float(met.mean()), float(np.median(metrics["latency_s"])))


def suited(spaces: list[Generated]) -> Generated:
    """The one with the largest alpha of which enough networks meet the limits.

    A limit that is hard to meet asks for fast operators, an easy one for capable ones: no alpha
    suits every limit. Where none has enough, the one with most.
    """
    enough = [space for space in spaces if space.within >= WITHIN]
    if enough:
        return max(enough, key=lambda space: space.alpha)
    return max(spaces, key=lambda space: space.within)
