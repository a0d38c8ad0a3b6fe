"""What must be kept: as given, or what is usual in the space; and whether anything can keep it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from cosearch.problem import Limit, Problem
from cosearch.problem.paths import Constraint
from cosearch.progress import Progress
from cosearch.recipes.limits import profile_space
from cosearch.recipes.mnasnet.profiled import MODELLED, profile, summary
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.settings import TrainedSettings

USUAL: Final = 0.25  # the share of random networks within a limit that nobody gave


def limited(
    folder: RunFolder[TrainedSettings], problem: Problem, progress: Progress
) -> tuple[Problem, dict[str, Any]]:
    """(the problem with its limits, a profile of the space), before anything is trained.

    The profile has latencies of random networks, and least, median and most of every metric.
    Raises `LimitError` with the least violation where no network found meets the limits.
    """
    known = folder.step("space", lambda: profile(problem, MODELLED, progress))
    given = folder.settings.limits()
    usual = {} if given else {"latency_s": float(np.quantile(known[1:], USUAL))}
    limits = {**usual, **given}
    wanted = replace(problem, limits=tuple(Limit(name, at) for name, at in limits.items()))
    about = folder.step("profile", lambda: profile_space(Constraint.of(wanted), progress).to_dict())
    return wanted, {**summary(known, limits.get("latency_s", float("inf"))), **about}
