"""The joint search and the same search on a fixed accelerator, with one shared accuracy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from jaxtyping import Int
from numpy import ndarray

from cosearch.accuracy import Accuracy, Memoised
from cosearch.errors import LimitError
from cosearch.hardware import Accelerators
from cosearch.problem import Problem
from cosearch.progress import Progress
from cosearch.recipes.run_folder import RunFolder
from cosearch.study import Study, Trials, spread


@dataclass(frozen=True)
class Found:
    """A study's outcome."""

    trials: int
    feasible: int
    best_trial: int
    metrics: Mapping[str, float]
    network_genome: Int[ndarray, " k"]
    chip: Accelerators  # shape ()


def search(
    folder: RunFolder, problems: Mapping[str, Problem], accuracy: Accuracy, progress: Progress
) -> dict[str, Found]:
    """Run one study per problem, same trials, seed and optimizer."""
    with spread(accuracy, folder.settings.workers) as spread_out:
        remembered = Memoised(spread_out)
        return {
            name: _study(folder, name, replace(problem, accuracy=remembered), progress)
            for name, problem in problems.items()
        }


def _study(folder: RunFolder, name: str, problem: Problem, progress: Progress) -> Found:
    settings = folder.settings
    study = Study(folder.path / name, problem, optimizer=settings.optimizer, seed=settings.seed)
    trials = study.run(settings.trials, progress=_telling(progress, f"search: {name}"))
    best = trials.best()
    if not trials.feasible[best] and name == "joint":
        raise LimitError(
            f"none of {len(trials)} trials met the limits; least violation "
            f"{trials.violations[best]:.3g}; try more --trials; records are in {study.folder}"
        )
    return _found(problem, trials, best)


def _found(problem: Problem, trials: Trials, best: int) -> Found:
    genome = trials.genomes[best : best + 1]
    chips = problem.decode_chips(genome)
    return Found(
        trials=len(trials),
        feasible=int(trials.feasible.sum()),
        best_trial=best,
        metrics=trials.metric_at(best),
        network_genome=problem.network_part(genome)[0],
        chip=chips[0] if chips.shape else chips,
    )


def _telling(progress: Progress, name: str) -> Any:
    def show_as(phase: str, done: int, total: int, note: str = "") -> None:
        progress(name, done, total, note)

    return show_as
