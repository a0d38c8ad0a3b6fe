"""One search, and what the network it found is worth by the benchmark's table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from cosearch.deep.data import ImageData
from cosearch.families import sized
from cosearch.progress import Progress
from cosearch.recipes.hurricane.scores import OperatorCosts
from cosearch.recipes.hurricane.settings import HurricaneSettings
from cosearch.recipes.hurricane.stages import Done, Job, best_scored, one_stage, two_stages
from cosearch.recipes.run_folder import RunFolder
from experiments.two_stages.known import Known
from experiments.two_stages.plan import ALPHA, ONE, SHORT, SPACE, TWO, Run, Size


@dataclass(frozen=True)
class NarrowJob(Job):
    """Learns by the same networks made narrow."""

    narrow: Any = None

    @property
    def learner(self) -> Any:
        """The narrow ones."""
        return self.narrow


def execute(
    run: Run, known: Known, size: Size, data: ImageData, build: Path, progress: Progress
) -> Mapping[str, str | int]:
    """The figures of a run."""
    job = job_of(run, known, size, data, build, progress)
    done = SEARCHES[run.arm](job, known.costs)
    found = done[-1].found
    place = known.place(found.choices)
    scored = known.place(best_scored(job, known.costs, ALPHA))
    return {
        "limit_us": f"{known.problem.limits[0].at_most * 1e6:.5g}",
        "latency_us": f"{known.latency_s[place] * 1e6:.5g}",
        "iterations": sum(stage.steps for stage in done),
        "shared": f"{found.accuracy:.4f}",
        "accuracy": f"{known.accuracies[place]:.4f}",
        "scored": f"{known.accuracies[scored]:.4f}",
        "best": f"{known.within.max():.4f}",
        "mean": f"{known.within.mean():.4f}",
    }


def job_of(
    run: Run, known: Known, size: Size, data: ImageData, build: Path, progress: Progress
) -> NarrowJob:
    """Everything that the search of a run needs."""
    settings = HurricaneSettings(
        seed=run.seed,
        trials=size.trials,
        first=size.first,
        early=size.early,
        stages=2 if run.arm == TWO else 1,
    )
    folder = RunFolder(build / run.name, "hurricane", settings)
    folder.path.mkdir(parents=True, exist_ok=True)
    narrow: Any = sized(SPACE, data.shape, len(data.classes), size.width)
    training = size.training()
    if run.arm == SHORT:
        training = replace(training, epochs=short(size.epochs, settings))
    return NarrowJob(folder, data, known.target, known.problem, training, progress, narrow)


def _two(job: Job, costs: OperatorCosts) -> list[Done]:
    return two_stages(job, costs, ALPHA)


def _one(job: Job, _: OperatorCosts) -> list[Done]:
    return one_stage(job)


SEARCHES: Final[Mapping[str, Callable[[Job, OperatorCosts], list[Done]]]] = {
    ONE: _one,
    TWO: _two,
    SHORT: _one,
}


def short(epochs: int, settings: HurricaneSettings) -> int:
    """What two stages train for together."""
    shares = (settings.first_share, settings.second_share)
    return sum(max(1, round(share * epochs)) for share in shares)
