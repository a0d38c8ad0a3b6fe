"""The one-shot arms: a policy learnt beside shared weights, of network and chip or of networks.

    python -m experiments.joint_vs_fixed.one_shot [--seeds 3]

Weights are shared by the same networks made narrow, on small images of CIFAR-10: they only have to
rank. Costs are of the networks as the table has them, and so is the accuracy of what is found.
Needs CIFAR-10 and the table (COSEARCH_DATA). What is on record is not run again, and a search that
was killed goes on.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.accuracy import TABLES
from cosearch.cli.bars import bars
from cosearch.cost import EdgeModel
from cosearch.deep.data import ImageData, load
from cosearch.deep.one_shot.policy import PolicySearch
from cosearch.deep.one_shot.policy_reward import Judge
from cosearch.deep.one_shot.policy_settings import PolicySettings
from cosearch.deep.supernet import Supernet
from cosearch.deep.training import TrainSettings, train
from cosearch.families import FAMILIES, NahasChipFamily, sized
from cosearch.hardware import Accelerators, find_chip
from cosearch.problem import Limit, Problem
from cosearch.progress import Progress, silent
from cosearch.recipes.nahas.one_shot.final import most_probable_pair, on_chip
from cosearch.recipes.nahas.one_shot.learnt import mixed
from experiments.joint_vs_fixed.arms import BASELINE
from experiments.joint_vs_fixed.page import ONE_SHOT, RECORDS, write_page
from experiments.joint_vs_fixed.records import FIELDS, Row, read, write
from experiments.joint_vs_fixed.run import limits_by_quantile

SPACE: Final = "nas-bench-macro"
BUILD: Final = Path(__file__).parents[2] / "build" / "joint_vs_fixed"
ARMS: Final = ("fixed", "joint")
QUANTILES: Final = (0.02, 0.25)


@dataclass(frozen=True)
class Size:
    """Of every search."""

    pixels: int = 16
    images: int = 10_000
    width: float = 0.25
    epochs: int = 15
    batch: int = 128  # validation images of a step of the policy


@dataclass(frozen=True)
class Case:
    """One search."""

    arm: str
    latency_s: float
    seed: int

    @property
    def name(self) -> str:
        """Of its checkpoint."""
        return f"{self.arm}-{self.latency_s * 1e9:.0f}ns-{self.seed}.pt"


def main() -> None:
    """Run what is not on record, then make the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    data = load("cifar10", size=Size.pixels).trained_on(Size.images)
    with bars() as progress:
        limits = limits_by_quantile(QUANTILES)
        run_all(Size(), limits, data, options.seeds, ONE_SHOT, BUILD, progress)
    write_page(read(RECORDS), read(ONE_SHOT), RECORDS.with_suffix(".md"))


def run_all(
    size: Size,
    limits: Mapping[float, float],
    data: ImageData,
    seeds: int,
    records: Path,
    build: Path,
    progress: Progress,
) -> None:
    """Every case that is not in `records`; a seed at a time, so that arms can be compared.

    `limits` are in seconds, by the share of networks that meet them on the baseline.
    """
    rows = read(records)
    known = {(row["arm"], row["quantile"], row["seed"]) for row in rows}
    for quantile, case in _cases(limits, seeds):
        if (case.arm, quantile, case.seed) not in known:
            found = search(case, size, data, build, progress)
            said = {"quantile": quantile, "limit_s": case.latency_s, **vars(case), **found}
            rows.append({name: said[name] for name in FIELDS})
            write(rows, records)


def _cases(limits: Mapping[float, float], seeds: int) -> Iterator[tuple[float, Case]]:
    for seed in range(seeds):
        for quantile, limit in limits.items():
            for arm in ARMS:
                yield quantile, Case(arm, limit, seed)


def search(
    case: Case, size: Size, data: ImageData, build: Path, progress: Progress = silent
) -> Row:
    """Figures of the most probable design within the limits, its accuracy from the table."""
    problem = _problem(case)
    task = _task(problem, case, size, data)
    settings = TrainSettings(
        size.epochs, 64, 0.02, shift=2, mirror=True, threads=1, optimizer="adamw"
    )
    checkpoint = build / case.name
    train(task, data.train, settings, seed=case.seed, checkpoint=checkpoint, progress=progress)
    logs = [np.array(knob) for knob in task.policy.log_probabilities()]
    genome, metrics = _chosen(problem, logs, progress)
    accuracy = float(TABLES[SPACE]()(genome[None])[0])
    return {**metrics, "accuracy": accuracy, "trials": float(len(task.history.rewards))}


def _problem(case: Case) -> Problem:
    """On the baseline chip, or with NAHAS's chips; the area is the baseline's in both."""
    baseline = find_chip(BASELINE).columns()
    area = float(EdgeModel().area_mm2(baseline[None])[0])
    limits = (Limit("latency_s", case.latency_s), Limit("area_mm2", area))
    chips = NahasChipFamily() if case.arm == "joint" else baseline
    return Problem(FAMILIES[SPACE].make(), chips, EdgeModel(), None, limits=limits)


def _task(problem: Problem, case: Case, size: Size, data: ImageData) -> PolicySearch:
    narrow: Any = sized(SPACE, data.shape, len(data.classes), size.width)
    reward = PolicySettings(batch=size.batch)
    judge = Judge(problem.model, problem.limits, reward.reward)
    supernet = Supernet(narrow, seed=case.seed)
    options = mixed(narrow)
    return PolicySearch(
        supernet, narrow.space, problem.space, judge, data.validation, reward, options
    )


def _chosen(
    problem: Problem, logs: list[ndarray], progress: Progress
) -> tuple[Int[ndarray, " d"], dict[str, float]]:
    """(genome of the network, metrics); all NaN where no design was found within the limits."""
    if isinstance(problem.chips, Accelerators):
        step = on_chip(problem, logs)
        design = step.genome
    else:
        pair = most_probable_pair(problem, logs, progress)
        step, design = pair.step, np.concatenate([pair.step.genome, pair.chip])
    whole = problem.model(design[None])
    names = ("latency_s", "energy_j", "area_mm2")
    return step.genome, {name: float(whole[name][0]) if step.met else np.nan for name in names}


if __name__ == "__main__":
    main()
