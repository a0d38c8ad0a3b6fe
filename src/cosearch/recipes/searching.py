"""The joint search and the same search on a fixed accelerator, with one shared accuracy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.accuracy import Accuracy, Memoised
from cosearch.errors import LimitError
from cosearch.families import NahasChipFamily
from cosearch.hardware import Accelerators
from cosearch.problem import Problem
from cosearch.progress import Progress, renamed
from cosearch.recipes.nahas.settings import NahasSettings
from cosearch.recipes.run_folder import RunFolder
from cosearch.study import Study, Trials, spread

_FIRST: Final = 32  # designs the joint search takes over, if they are not most of it


@dataclass(frozen=True)
class Found:
    """A study's outcome."""

    trials: int
    taken_over: int  # of them, designs another study found
    feasible: int
    best_trial: int
    metrics: Mapping[str, float]
    network_genome: Int[ndarray, " k"]
    chip: Accelerators  # shape ()


def search(
    folder: RunFolder[NahasSettings],
    joint: Problem,
    fixed: Problem,
    accuracy: Accuracy,
    progress: Progress,
) -> dict[str, Found]:
    """The fixed search, then the joint one; same trials, seed and optimizer.

    The joint search begins with the best designs of the fixed one, if that chip is in its space:
    what was found on one chip is where the search among all of them should start, and it can
    end no worse.
    """
    with spread(accuracy, folder.settings.workers) as spread_out:
        remembered = Memoised(spread_out)
        known = _run(folder, "fixed", replace(fixed, accuracy=remembered), progress)
        first = _with_chip(known, joint, fixed, min(_FIRST, folder.settings.trials_asked // 2))
        problem = replace(joint, accuracy=remembered)
        trials = _run(folder, "joint", problem, progress, first=first)
    best = trials.best()
    if not trials.feasible[best]:
        raise LimitError(
            f"none of {len(trials)} trials met the limits; least violation "
            f"{trials.violations[best]:.3g}; try more --trials; records are in "
            f"{folder.path / 'joint'}"
        )
    return {
        "joint": _found(joint, trials, taken_over=0 if first is None else len(first)),
        "fixed": _found(fixed, known),
    }


def _run(
    folder: RunFolder[NahasSettings],
    name: str,
    problem: Problem,
    progress: Progress,
    first: Any = None,
) -> Trials:
    settings = folder.settings
    study = Study(
        folder.path / name,
        problem,
        optimizer=settings.optimizer,
        seed=settings.seed,
        first=first,
        known_limits=False,  # the screen asks again for whatever misses any limit
    )
    return study.run(settings.trials_asked, progress=renamed(progress, f"search: {name}"))


def _with_chip(known: Trials, joint: Problem, fixed: Problem, n: int) -> Int[ndarray, "n d"] | None:
    """The best `n` networks on the fixed chip, as joint designs; None if the chip is not there."""
    assert isinstance(fixed.chips, Accelerators)
    assert isinstance(joint.chips, NahasChipFamily)
    chip = joint.chips.locate(fixed.chips)
    if chip is None:
        return None
    networks = known.top(n)
    return np.concatenate([networks, np.tile(chip, (len(networks), 1))], axis=1)


def _found(problem: Problem, trials: Trials, taken_over: int = 0) -> Found:
    best = trials.best()
    genome = trials.genomes[best : best + 1]
    chips = problem.decode_chips(genome)
    return Found(
        trials=len(trials),
        taken_over=taken_over,
        feasible=int(trials.feasible.sum()),
        best_trial=best,
        metrics=trials.metric_at(best),
        network_genome=problem.network_part(genome)[0],
        chip=chips[0] if chips.shape else chips,
    )
