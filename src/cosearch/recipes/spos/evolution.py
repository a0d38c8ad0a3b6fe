"""Evolution under hard limits over networks whose accuracies shared weights tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from jaxtyping import Int
from numpy import ndarray

from cosearch.accuracy import Accuracy, Memoised
from cosearch.errors import LimitError
from cosearch.problem import Problem
from cosearch.progress import Progress, renamed
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.spos.settings import SposSettings
from cosearch.study import Study, Trials, spread

SEARCH: Final = "search"  # the folder whose records the page draws


@dataclass(frozen=True)
class Evolved:
    """A search's outcome: the most accurate network tried within the limits."""

    problem: Problem
    trials: Trials

    @property
    def best(self) -> int:
        """Its place among the trials."""
        return self.trials.best()

    @property
    def genome(self) -> Int[ndarray, " d"]:
        """In the problem's space."""
        return self.trials.genomes[self.best]

    @property
    def accuracy(self) -> float:
        """On the validation images, with shared weights."""
        return float(self.trials.metrics["accuracy"][self.best])

    @property
    def choices(self) -> dict[str, Any]:
        """By knob."""
        return self.problem.networks.space.values(self.genome)  # type: ignore[union-attr]


def evolve(
    folder: RunFolder[Any],
    problem: Problem,
    accuracy: Accuracy,
    first: Int[ndarray, "n d"] | None,
    progress: Progress,
    *,
    name: str = SEARCH,
) -> Evolved:
    """Search; `first` are tried first. Raises `LimitError` where nothing tried is within."""
    settings: SposSettings = folder.settings
    with spread(accuracy, settings.workers) as spread_out:
        study = Study(
            folder.path / name,
            replace(problem, accuracy=Memoised(spread_out)),
            optimizer=settings.optimizer,
            options=settings.options,
            seed=settings.seed,
            first=first,
        )
        trials = study.run(settings.trials, progress=renamed(progress, name))
    found = Evolved(problem, trials)
    if not trials.feasible[found.best]:
        raise LimitError(
            f"none of {len(trials)} networks tried met the limits; least violation "
            f"{trials.violations[found.best]:.3g}; records are in {folder.path / name}"
        )
    return found
