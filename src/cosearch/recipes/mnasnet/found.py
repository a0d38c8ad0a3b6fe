"""The search, and what is left of it when its best are measured again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cosearch.accuracy import Accuracy
from cosearch.calibrate.calibrated_space import check_space
from cosearch.calibrate.journal import Journal
from cosearch.calibrate.measured_latency import MeasuredLatency
from cosearch.cost.models import find_device
from cosearch.errors import LimitError
from cosearch.families import NetworkFamily
from cosearch.families.accel_nasbench import accel_nasbench_family
from cosearch.networks import Network
from cosearch.problem import Limit, Problem
from cosearch.progress import Progress
from cosearch.recipes.limits import check_reachable
from cosearch.recipes.mnasnet.measured import as_kept, measure_again
from cosearch.recipes.mnasnet.profiled import MEASURED, MODELLED, in_a_line, profile, summary
from cosearch.recipes.mnasnet.settings import MnasnetSettings
from cosearch.recipes.run_folder import RunFolder
from cosearch.search import ranks
from cosearch.study import Study, Trials
from cosearch.units import show

SEARCH: Final = "networks"
CANDIDATES: Final = 8  # measured again at most

Folder = RunFolder[MnasnetSettings]


@dataclass(frozen=True)
class Found:
    """`best` is the place of the chosen among the trials; `again` what was measured once more."""

    problem: Problem
    family: NetworkFamily
    trials: Trials
    best: int
    limit_s: float
    profile: Mapping[str, Any]
    again: list[dict[str, Any]]

    @property
    def network(self) -> Network:
        """The chosen one."""
        return self.family.network(self.trials.genomes[self.best])


def find(folder: Folder, accuracy: Accuracy, progress: Progress) -> Found:
    """Look at the space, search it, check what came of it; `LimitError` where nothing holds."""
    settings = folder.settings
    size = settings.image_size
    family = accel_nasbench_family((3, size, size))
    free = _problem(folder, family, accuracy)
    known = folder.step("space", lambda: _profile(free, settings, progress))
    limit_s = settings.latency_s or float(np.quantile(known[1:], 0.25))
    kept_s = limit_s * (1 - settings.margin) if settings.measured else limit_s
    about = summary(known, kept_s)
    progress("space", len(known), len(known), in_a_line(about))
    problem = _limited(free, kept_s, settings)
    if not about["within"]:
        _check(folder, problem, about, progress)
    study = Study(
        folder.path / SEARCH,
        problem,
        settings.optimizer_asked,
        settings.seed,
        settings.batch,
        screen=1,
    )
    folder.step(SEARCH, lambda: len(study.run(settings.trials_asked, progress=progress)))
    trials = study.trials()
    best, again = _chosen(folder, trials, family, limit_s, progress)
    return Found(problem, family, trials, best, limit_s, about, again)


def _problem(folder: Folder, family: NetworkFamily, accuracy: Accuracy) -> Problem:
    settings = folder.settings
    if settings.measured:
        journal = Journal(folder.path / "measured.jsonl", settings.on, settings.measuring)
        return Problem(family, None, MeasuredLatency(journal), accuracy)
    device = find_device(settings.on)
    check_space(device, family)
    return Problem(family, device.file.columns(), device.model, accuracy)


def _limited(free: Problem, kept_s: float, settings: MnasnetSettings) -> Problem:
    return Problem(
        free.networks,
        free.chips,
        free.cost_model,
        free.accuracy,
        limits=(Limit("latency_s", kept_s),),
        reward=settings.reward,
        exponent=settings.exponent,
    )


def _profile(problem: Problem, settings: MnasnetSettings, progress: Progress) -> list[float]:
    return profile(problem, MEASURED if settings.measured else MODELLED, progress)


def _check(folder: Folder, problem: Problem, about: Mapping[str, Any], progress: Progress) -> None:
    """Where none of the profile is within the limit: a search for one that is, if it is cheap."""
    if not folder.settings.measured:
        check_reachable(folder, problem, progress)
        return
    raise LimitError(
        f"none of {about['networks']} networks measured, the smallest among them, is within "
        f"{show(about['limit_s'], 'time', 4)}; the fastest takes {show(about['min_s'], 'time', 4)}"
    )


def _chosen(
    folder: Folder, trials: Trials, family: NetworkFamily, limit_s: float, progress: Progress
) -> tuple[int, list[dict[str, Any]]]:
    """The best trial within the limit; of measured ones, the best that meets it once more."""
    order = _within(trials)
    if not len(order):
        raise LimitError(
            f"none of {len(trials)} trials met the limit; least violation "
            f"{trials.violations.min():.3g}; try more --trials; records are in "
            f"{folder.path / SEARCH}"
        )
    if not folder.settings.measured:
        return int(order[0]), []
    return _confirmed(folder, trials, order[:CANDIDATES], family, limit_s, progress)


def _confirmed(
    folder: Folder,
    trials: Trials,
    order: np.ndarray,
    family: NetworkFamily,
    limit_s: float,
    progress: Progress,
) -> tuple[int, list[dict[str, Any]]]:
    again: list[dict[str, Any]] = []
    for number, trial in enumerate(order.tolist()):
        progress("measured again", number, len(order))
        network = family.network(trials.genomes[trial])
        once_more = folder.step(f"again-{number}", _taken(folder.settings, network))
        met = once_more["high_s"] <= limit_s
        again.append({"trial": trial, **once_more, "met": met})
        if met:
            progress("measured again", number + 1, number + 1)
            return trial, again
    nearest = min(row["high_s"] for row in again)
    raise LimitError(
        f"none of the best {len(again)} networks met {show(limit_s, 'time', 4)} when measured "
        f"again in a fresh process; the nearest took up to {show(nearest, 'time', 4)}: the machine "
        "may be busier than it was; try again with a larger --margin"
    )


def _taken(settings: MnasnetSettings, network: Network) -> Callable[[], dict[str, Any]]:
    return lambda: as_kept(measure_again(network, settings.on, settings.measuring))


def _within(trials: Trials) -> np.ndarray:
    """Places of the trials within the limit, best first, each design once."""
    order = np.argsort(ranks(trials.losses, trials.violations), kind="stable")
    order = order[trials.feasible[order]]
    _, first = np.unique(trials.genomes[order], axis=0, return_index=True)
    return order[np.sort(first)]
