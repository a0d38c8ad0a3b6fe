"""One search over all layers, or two: the late layers first, then the early ones.

HURRICANE's early layers matter less, so its first stage gives each the operator of the highest
score and trains and searches the others alone, in fewer iterations. The second fixes what the
first found, opens the early layers, and goes on from the shared weights.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.deep.data import ImageData
from cosearch.deep.training import TrainSettings
from cosearch.families import NarrowableFamily
from cosearch.problem import Problem
from cosearch.progress import Progress
from cosearch.recipes.exact import most_probable
from cosearch.recipes.hurricane.scores import OperatorCosts
from cosearch.recipes.hurricane.settings import HurricaneSettings
from cosearch.recipes.hurricane.target import narrowed_problem, part_of
from cosearch.recipes.hurricane.within import LiftedAccuracy, Within
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.spos.draws import first_within, paths_for, table_of
from cosearch.recipes.spos.evolution import SEARCH, Evolved, evolve
from cosearch.recipes.spos.proposals import Proposals
from cosearch.recipes.spos.shared_weights import accuracy_of, steps_of, train_paths
from cosearch.recipes.trained.target import Target

LATE: Final = "search-late"


@dataclass(frozen=True)
class Done:
    """A stage: what it trained, and what it found."""

    name: str
    steps: int  # training iterations
    weights: Path
    found: Evolved


@dataclass(frozen=True)
class Job:
    """What all stages share. `problem` is of the generated space, with its limits."""

    folder: RunFolder[HurricaneSettings]
    data: ImageData
    target: Target
    problem: Problem
    training: TrainSettings  # of a supernet in one stage
    progress: Progress

    @property
    def family(self) -> NarrowableFamily:
        """The generated space, or any other that can be searched in parts."""
        assert isinstance(self.problem.networks, NarrowableFamily)
        return self.problem.networks

    @property
    def learner(self) -> NarrowableFamily:
        """Whose weights are shared: the family itself, or the same space at another width."""
        return self.family

    def stage(
        self, name: str, family: NarrowableFamily, share: float, after: Done | None = None
    ) -> Done:
        """Train the paths of a part of the space, and search it.

        The shared weights are of the whole space, so they are simply trained on. What the stage
        before found is tried first: a stage can end no worse than it began.
        """
        settings = self.folder.settings
        training = replace(self.training, epochs=max(1, round(share * self.training.epochs)))
        problem, within = narrowed_problem(self.problem, family), self._within(family)
        table = table_of(part_of(self.target, family), family)
        sample = paths_for(settings, table, problem)
        weights = train_paths(
            self.folder,
            self.learner,
            self.data,
            training,
            lambda rng: within.lift(sample(rng)[None])[0],
            self.progress,
            name=name.replace(SEARCH, "supernet"),
            start=after.weights if after else None,
        )
        accuracy = self.accuracy(family, weights)
        first = first_within(settings, table, problem)
        if after is not None:
            known = family.space.encode(after.found.choices)
            first = np.concatenate([known[None], first])
        found = evolve(self.folder, problem, accuracy, first, self.progress, name=name)
        return Done(name, steps_of(training, self.data), weights, found)

    def accuracy(self, family: NarrowableFamily, weights: Path) -> LiftedAccuracy:
        """Of a part of the space, by shared weights of all of it."""
        settings = self.folder.settings
        exact = accuracy_of(self.learner, weights, self.data, settings.scored_in)
        return LiftedAccuracy(exact, self._within(family))

    def _within(self, family: NarrowableFamily) -> Within:
        return Within(family.space, self.family.space)


def one_stage(job: Job) -> list[Done]:
    """All layers at once."""
    return [job.stage(SEARCH, job.family, 1.0)]


def two_stages(job: Job, costs: OperatorCosts, alpha: float) -> list[Done]:
    """Late layers, then early ones."""
    settings = job.folder.settings
    begun = fixed(job.family, best_scored(job, costs, alpha), range(settings.early))
    late = job.stage(LATE, begun, settings.first_share)
    open_early = fixed(job.family, late.found.choices, range(settings.early, len(costs.layers)))
    return [late, job.stage(SEARCH, open_early, settings.second_share, after=late)]


def proposals(job: Job, done: Done) -> Proposals:
    """What a stage would deliver, best first."""
    family: Any = done.found.problem.networks

    def within(problem: Problem) -> Int[ndarray, "n d"]:
        table = table_of(part_of(job.target, family), family)
        return first_within(job.folder.settings, table, problem)

    return Proposals(done.found, within, job.accuracy(family, done.weights))


def best_scored(job: Job, costs: OperatorCosts, alpha: float) -> dict[str, Any]:
    """The network of the highest scores, as a product, within the limits.

    Where these do not bind, every layer has its best. The paper fixes early layers to that
    without regard to a limit; then late layers might be left without the time they need.
    """
    family = job.family
    scores = costs.log_scores(alpha)
    of_knobs = [
        scores[layer, [costs.operators.index(str(name)) for name in knob.choices]]
        for layer, knob in enumerate(family.space.knobs)
    ]
    table = table_of(part_of(job.target, family), family)
    return family.space.values(most_probable(job.problem, table, of_knobs).genome)


def fixed(family: NarrowableFamily, choices: dict[str, Any], layers: range) -> NarrowableFamily:
    """With one operator in these layers."""
    names = [knob.name for knob in family.space.knobs]
    return family.narrowed({i: (choices[names[i]],) for i in layers})
