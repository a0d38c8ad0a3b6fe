"""With an accuracy from a table: every trial is a look-up, and the optimum is known for certain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from cosearch.accuracy import TABLES, TabularAccuracy
from cosearch.cost import EdgeModel
from cosearch.errors import LimitError
from cosearch.families import FAMILIES, ApolloChipFamily, ChipFamily, NahasChipFamily
from cosearch.files import write_json
from cosearch.hardware import find_chip
from cosearch.problem import Limit, Problem
from cosearch.progress import Progress
from cosearch.recipes.limits import check_reachable, derive_limits
from cosearch.recipes.nahas.settings import NahasSettings
from cosearch.recipes.nahas.tabular_result import build_result
from cosearch.recipes.run_folder import RunFolder
from cosearch.study import EXACT, Study, Trials

CHIPS: Final[Mapping[str, Callable[[], ChipFamily]]] = {
    "nahas": NahasChipFamily,
    "apollo": ApolloChipFamily,
}


def prepare(settings: NahasSettings) -> TabularAccuracy:
    """Read the table."""
    import plotly  # noqa: F401  # for the page: better missed now than at the end

    return TABLES[settings.accuracy]()


def run(
    folder: RunFolder[NahasSettings], accuracy: TabularAccuracy, progress: Progress
) -> dict[str, Any]:
    """The whole job; returns what `result.json` holds."""
    problem = _problem(folder, accuracy)
    exact = folder.settings.optimizer == EXACT
    if not exact:
        check_reachable(folder, replace(problem, accuracy=None), progress)
    study = Study(folder.path / "joint", problem, folder.settings.optimizer, folder.settings.seed)
    trials = 1 if exact else folder.settings.trials_asked
    folder.step("joint", lambda: len(study.run(trials, progress=progress)))
    certified = study if exact else _certified(folder, problem, progress)
    result = build_result(folder, problem, _met(study.trials(), folder), certified)
    write_json(folder.path / "accelerator.json", result["accelerator"])
    write_json(folder.path / "network.json", result["network"])
    write_json(folder.path / "result.json", result)
    _write_page(folder)
    return result


def _problem(folder: RunFolder[NahasSettings], accuracy: TabularAccuracy) -> Problem:
    """Accuracy, then latency, within limits that are the baseline chip's where not given."""
    settings, model = folder.settings, EdgeModel()
    networks: Any = FAMILIES[settings.accuracy].make()
    baseline = find_chip(settings.chip).columns()
    limits = folder.step(
        "limits", lambda: derive_limits(networks, model, baseline, settings.limits())
    )
    bounds = tuple(Limit(name, value) for name, value in limits.items())
    return Problem(networks, CHIPS[settings.chips](), model, accuracy, limits=bounds)


def _certified(
    folder: RunFolder[NahasSettings], problem: Problem, progress: Progress
) -> Study | None:
    """The study of the optimum, if it is asked for."""
    if not folder.settings.certify:
        return None
    study = Study(folder.path / "certified", problem, EXACT)
    folder.step("certified", lambda: len(study.run(1, progress=progress)))
    return study


def _met(trials: Trials, folder: RunFolder[NahasSettings]) -> Trials:
    if np.any(trials.feasible):
        return trials
    raise LimitError(
        f"none of {len(trials)} trials met the limits; least violation "
        f"{trials.violations.min():.3g}; try more --trials; records are in {folder.path / 'joint'}"
    )


def _write_page(folder: RunFolder[NahasSettings]) -> None:
    from cosearch.report.page import write_page
    from cosearch.report.run_data import RunData

    write_page(RunData.load(folder.path), folder.path / "report.html")
