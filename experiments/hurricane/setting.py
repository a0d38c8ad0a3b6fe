"""What the runs on one target share: its pool of operators, its limit, their scores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from cosearch.calibrate.lut import build_table
from cosearch.cli.bars import bars
from cosearch.deep.data import ImageData
from cosearch.families import HurricaneFamily, sized
from cosearch.measure import RUNTIMES, Settings
from cosearch.problem import Limit, Problem
from cosearch.recipes.hurricane.generated import ALPHAS, Generated, generate, suited
from cosearch.recipes.hurricane.narrowing import Narrowing
from cosearch.recipes.hurricane.scores import OperatorCosts, operator_costs
from cosearch.recipes.hurricane.target import narrowed_problem, seconds_of
from cosearch.recipes.trained.target import Target, find_target
from experiments.hurricane.plan import SPOS_OPERATORS, Size

INT8 = Settings(precision="int8", max_rounds=5, max_noise=0.25)


@dataclass(frozen=True)
class Setting:
    """A target at a size."""

    name: str
    size: Size
    data: ImageData
    build: Path  # where measurements are kept

    @cached_property
    def pool(self) -> HurricaneFamily:
        """All operators."""
        found = sized("hurricane", self.data.shape, len(self.data.classes), width=self.size.width)
        assert isinstance(found, HurricaneFamily)
        return found

    @cached_property
    def target(self) -> Target:
        """A device's model, or every operator measured here in int8: what is not on record yet."""
        asked = self.size.targets[self.name]
        if asked not in RUNTIMES:
            return find_target(asked)
        out = self.build / f"{self.name}.json"
        with bars() as progress:
            table = build_table(self.pool, asked, INT8, out, accept_noise=True, progress=progress)
        return Target(self.name, table=table)

    @cached_property
    def costs(self) -> OperatorCosts:
        """Of every operator in every layer."""
        return operator_costs(self.pool, seconds_of(self.target))

    @cached_property
    def problem(self) -> Problem:
        """The limit is what half of the hand-made space reach: no home game for the generated."""
        free = self.target.problem(self.pool)
        by_hand = narrowed_problem(free, self.hand_made)
        genomes = self.hand_made.space.sample(np.random.default_rng(0), 512)
        limit_s = float(np.median(by_hand.model(genomes)["latency_s"]))
        return self.target.problem(self.pool, limits=(Limit("latency_s", limit_s),))

    @cached_property
    def hand_made(self) -> HurricaneFamily:
        """SPOS's four operators."""
        return self.pool.narrowed(dict.fromkeys(range(len(self.pool.space)), SPOS_OPERATORS))

    @cached_property
    def spaces(self) -> list[Generated]:
        """By alpha."""
        return [generate(self.problem, self.costs, Narrowing, alpha) for alpha in ALPHAS]

    @property
    def generated(self) -> Generated:
        """The space of the alpha that suits the limit."""
        return suited(self.spaces)
