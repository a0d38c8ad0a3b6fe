"""Which runs each experiment is made of, in which order, and what they will take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from experiments.apollo.run import ALL, MARKS, Record, Run
from experiments.apollo.workloads import AREAS_MM2, TUNING, TUNING_AREAS_MM2, WORKLOADS

Setting = tuple[str, float, str, str]  # workload, area in mm2, telling, source

TIGHT_MM2: Final = 1.0  # four designs in ten thousand
TIGHT_SOURCE_MM2: Final = 1.4  # as 6.8 is to 4.8
LEAST_MM2, MOST_MM2 = min(AREAS_MM2), max(AREAS_MM2)

# Cheap ones first, so that a run cut short has most of them.
OURS: Final = (
    "random",
    "quasi-random",
    "evolution",
    "genetic",
    "differential",
    "nsga2",
    "reinforce",
    "ppo",
    "mbo",
    "p3bo",
    "adaptive-p3bo",
    "gp",
)
OUTSIDE: Final = (
    "nevergrad",
    "optuna-cma-es",
    "optuna-nsga2",
    "optuna-tpe",
    "optuna-gp",
)
APOLLOS: Final = ("random", "genetic", "mbo", "p3bo", "gp")  # what Apollo compared
TUNED: Final = tuple(name for name in OURS if name not in ("quasi-random", "nsga2"))

# Where 4,096 trials are more than a machine of two cores affords.
TRIALS: Final[Mapping[str, int]] = {
    "ppo": 1024,
    "mbo": 512,
    "p3bo": 1024,
    "adaptive-p3bo": 512,
    "gp": 512,
    "nevergrad": 1024,
    "optuna-tpe": 1024,
    "optuna-gp": 64,
}


@dataclass(frozen=True)
class Experiment:
    """Every strategy in every setting. `trials` is the most that any strategy gets."""

    summary: str
    settings: tuple[Setting, ...]
    strategies: tuple[str, ...]
    trials: int = MARKS[-1]

    def runs(
        self, strategies: Sequence[str] = (), seeds: int = 5, trials: int | None = None
    ) -> Iterator[Run]:
        """One seed after another, cheap strategies first."""
        most = self.trials if trials is None else min(trials, self.trials)
        for seed in range(seeds):
            for strategy in strategies or self.strategies:
                length = min(most, TRIALS.get(strategy, most))
                for workload, area_mm2, telling, source in self.settings:
                    yield Run(workload, area_mm2, telling, source, strategy, seed, length)


def _each(telling: str, areas: Iterable[float] = AREAS_MM2) -> tuple[Setting, ...]:
    return tuple((name, area, telling, "") for area in areas for name in WORKLOADS)


def _from_area(telling: str, area: float, source: float) -> tuple[Setting, ...]:
    return tuple((name, area, telling, f"{source:g}") for name in WORKLOADS)


def _from_neighbour(telling: str, area: float) -> tuple[Setting, ...]:
    """Each workload learns from the one before it, the first from the last."""
    names = list(WORKLOADS)
    return tuple((name, area, telling, names[i - 1]) for i, name in enumerate(names))


# By importance.
EXPERIMENTS: Final[Mapping[str, Experiment]] = {
    "single": Experiment("one workload", _each("violations"), OURS),
    "field": Experiment("one workload, outside optimizers", _each("violations"), OUTSIDE),
    "multi": Experiment(
        "all seven at once", tuple((ALL, area, "violations", "") for area in AREAS_MM2), OURS
    ),
    "transfer": Experiment(
        "from the widest to the least area",
        _from_area("violations", LEAST_MM2, MOST_MM2),
        OURS,
        256,
    ),
    "between": Experiment(
        "from another workload", _from_neighbour("violations", LEAST_MM2), OURS, 256
    ),
    "zero": Experiment("one workload, as Apollo tells it", _each("zero"), APOLLOS, 512),
    "transfer-zero": Experiment(
        "from the widest to the least area, as Apollo tells it",
        _from_area("zero", LEAST_MM2, MOST_MM2),
        APOLLOS,
        256,
    ),
    "known": Experiment("one workload, area known beforehand", _each("known"), TUNED, 512),
    "known-transfer": Experiment(
        "area known beforehand, the widest from another workload, the others from the widest",
        _from_neighbour("known", MOST_MM2)
        + tuple(
            setting
            for area in AREAS_MM2
            if area < MOST_MM2
            for setting in _from_area("known", area, MOST_MM2)
        ),
        ("genetic", "differential", "mbo", "p3bo", "gp"),
        128,
    ),
    "tight": Experiment(
        "a tight area, as Apollo tells it, without transfer and with",
        _each("zero", [TIGHT_MM2]) + _from_area("zero", TIGHT_MM2, TIGHT_SOURCE_MM2),
        APOLLOS,
        512,
    ),
    "pilot": Experiment(
        "what a strategy costs, on a network to tune on",
        ((TUNING[1], TUNING_AREAS_MM2[1], "violations", ""),),
        OURS + OUTSIDE,
    ),
}


def seconds_of(run: Run, records: Iterable[Record]) -> float:
    """Expected seconds of asking and telling: the median of what the strategy took so far."""
    known = [each for each in records if each.run.strategy == run.strategy and each.seconds]
    return float(np.median([_at(each, run.trials) for each in known])) if known else float("nan")


def _at(record: Record, trials: int) -> float:
    """Between two marks in proportion, beyond the last as between the last two."""
    marks = [0, *record.seconds]
    seconds = [0.0, *record.seconds.values()]
    if trials <= marks[-1]:
        return float(np.interp(trials, marks, seconds))
    slope = (seconds[-1] - seconds[-2]) / (marks[-1] - marks[-2])
    return seconds[-1] + slope * (trials - marks[-1])
