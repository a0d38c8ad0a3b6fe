"""A search whose every trial is a network trained for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cosearch.accuracy import Accuracy, Memoised
from cosearch.errors import LimitError
from cosearch.problem import Problem
from cosearch.progress import Progress
from cosearch.recipes.mnasnet.settings import MnasnetSettings
from cosearch.recipes.run_folder import RunFolder
from cosearch.study import Study, Trials, spread

SEARCH = "search"  # the folder whose records the page draws


def search_children(
    folder: RunFolder[Any], problem: Problem, accuracy: Accuracy, progress: Progress
) -> Trials:
    """All trials. Raises `LimitError` where none met the limits."""
    settings: MnasnetSettings = folder.settings
    with spread(accuracy, settings.workers) as spread_out:
        study = Study(
            folder.path / SEARCH,
            replace(problem, accuracy=Memoised(spread_out)),
            optimizer=settings.optimizer_asked,
            seed=settings.seed,
            batch=settings.batch,
        )
        trials = study.run(settings.trials_asked, progress=progress)
    best = trials.best()
    if not trials.feasible[best]:
        raise LimitError(
            f"none of {len(trials)} networks tried met the limits; least violation "
            f"{trials.violations[best]:.3g}; records are in {folder.path / SEARCH}"
        )
    return trials
