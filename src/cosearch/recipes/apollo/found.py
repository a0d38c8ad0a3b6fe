"""The search, and the optimum it is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from cosearch.cost import EdgeModel
from cosearch.errors import LimitError
from cosearch.families import ApolloChipFamily
from cosearch.files import read_json
from cosearch.hardware import Accelerators
from cosearch.problem import Goal, Limit, Problem, Workloads
from cosearch.progress import Progress
from cosearch.recipes.apollo.settings import ApolloSettings
from cosearch.recipes.run_folder import RunFolder
from cosearch.study import CERTIFICATE, EXACT, Study, Trials

SEARCH: Final = "search"
CERTIFIED: Final = "certified"


@dataclass(frozen=True)
class Found:
    """`known` are designs that another search had tried, under the same figures: no trials here."""

    problem: Problem
    trials: Trials
    known: Trials
    optimum: Trials | None  # one design, if it was asked for
    certificate: Mapping[str, Any] | None

    @property
    def best(self) -> tuple[Trials, int | None]:
        """The best design, and which trial it was; None if another search had tried it."""
        everything = Trials.joined([self.trials, self.known])
        place = everything.best()
        return everything[[place]], place if place < len(self.trials) else None

    @property
    def regret(self) -> float | None:
        """How much slower than the optimum the best is, relative; None if that is not known."""
        if self.optimum is None:
            return None
        return float(self.best[0].losses[0, 0] / self.optimum.losses[0, 0] - 1.0)

    def trials_to(self, regret: float) -> int | None:
        """Trials until one was within so much of the optimum; None if none was."""
        assert self.optimum is not None
        goal = self.optimum.losses[0, 0] * (1.0 + regret)
        there = np.flatnonzero(self.trials.feasible & (self.trials.losses[:, 0] <= goal))
        return int(there[0]) + 1 if len(there) else None

    def chip(self, of: Trials) -> Accelerators:
        """The accelerator of a single design, shape ()."""
        return self.problem.decode_chips(of.genomes)[0]


def find(folder: RunFolder[ApolloSettings], given: Workloads, progress: Progress) -> Found:
    """Search, and sweep if asked to; raises `LimitError` if nothing is within the area."""
    settings = folder.settings
    limit = Limit("area_mm2", settings.area_mm2)
    goal = Goal("latency_s")
    problem = Problem(given, ApolloChipFamily(), EdgeModel(), None, goals=(goal,), limits=(limit,))
    search = Study(
        folder.path / SEARCH,
        problem,
        settings.optimizer,
        settings.seed,
        settings.batch,
        warm_start=_study_in(settings.warm_start),
    )
    folder.step(SEARCH, lambda: len(search.run(settings.trials, progress=progress)))
    exact = search
    if settings.certify and settings.optimizer != EXACT:
        exact = Study(folder.path / CERTIFIED, problem, EXACT)
        folder.step(CERTIFIED, lambda: len(exact.run(1, progress=progress)))
    found = _read(search, exact)
    _check(found, folder.path)
    return found


def _study_in(folder: str | None) -> tuple[Path, ...]:
    """The study of a run of this recipe, or the folder itself."""
    if folder is None:
        return ()
    path = Path(folder)
    return (path / SEARCH if (path / SEARCH).is_dir() else path,)


def _read(search: Study, exact: Study) -> Found:
    trials = search.trials()
    known = [each.trials for each in search.taken_over() if each.exact]
    certificate = exact.folder / CERTIFICATE
    certified = certificate.exists()
    return Found(
        problem=search.problem,
        trials=trials,
        known=Trials.joined([trials[:0], *known]),
        optimum=exact.trials()[:1] if certified else None,
        certificate=read_json(certificate) if certified else None,
    )


def _check(found: Found, path: Path) -> None:
    best, _ = found.best
    if best.feasible[0]:
        return
    limit = found.problem.limits[0].at_most
    among = f"none of {len(found.trials)} trials"
    if found.certificate is not None:
        among = f"none of all {found.certificate['designs']:,} designs"
        best = found.optimum or best
    raise LimitError(
        f"{among} is within {limit:g} mm2; the nearest has {best.metrics['area_mm2'][0]:.4g} mm2; "
        f"records are in {path}"
    )
