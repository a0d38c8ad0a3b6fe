"""What the GP bandit's processes gain from mixtures of knobs, on the networks for tuning.

`python -m experiments.apollo.mixtures [--seeds 3] [--csv FILE]`. A process is fitted to the first
320 trials of differential evolution within the area, and asked about 1,500 of the 20,000 best
designs there are, among which a search ends.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from scipy.stats import spearmanr

from cosearch.cost.sweep import Budget, Goal, sweep
from cosearch.cost.sweep.factors import genomes
from cosearch.search import make_optimizer
from cosearch.search.model_based.gp import kernel
from cosearch.search.model_based.gp.columns import Columns
from cosearch.search.model_based.gp.model import GaussianProcess
from experiments.apollo.chips import FAMILY, Chips
from experiments.apollo.run import BATCH
from experiments.apollo.workloads import TUNING, TUNING_AREAS_MM2

TRIALS: Final = 320
BEST: Final = 20_000
ASKED: Final = 1_500
MIXTURES: Final = (0, 1, 2, 4, 8)
_CSV: Final = Path(__file__).parents[2] / "docs" / "results" / "apollo" / "mixtures.csv"


def tried(chips: Chips, area_mm2: float, seed: int) -> tuple[Any, Any]:
    """Genomes and latencies of a short search within the area."""

    def excess(designs: Any) -> Any:
        return np.maximum(chips.area_mm2(designs) / area_mm2 - 1, 0)

    rng = np.random.default_rng(seed)
    optimizer = make_optimizer("differential", FAMILY.space, rng, excess=excess)
    asked, told = [], []
    for _ in range(0, TRIALS, BATCH):
        asked.append(optimizer.ask(BATCH))
        told.append(chips.evaluate(asked[-1])[0])
        optimizer.tell(asked[-1], told[-1][:, None], excess(asked[-1]))
    return np.concatenate(asked), np.concatenate(told)


def near_the_best(chips: Chips, area_mm2: float) -> Any:
    """Some of the best designs within the area."""
    goal = Goal("latency", (Budget(area_mm2=area_mm2),), top=BEST)
    best = sweep(chips.tables, goal, workers=2).answers[0].best.design
    return genomes(FAMILY, np.random.default_rng(0).choice(best, ASKED, replace=False))


def rows(seeds: int) -> Iterator[dict[str, Any]]:
    """One per network, area, seed and number of mixtures."""
    columns = Columns(FAMILY.space)
    for name in TUNING:
        chips = Chips.of(name)
        for area_mm2 in TUNING_AREAS_MM2:
            asked = near_the_best(chips, area_mm2)
            truth = np.log(chips.evaluate(asked)[0])
            for seed in range(seeds):
                x, latency_s = tried(chips, area_mm2, seed)
                for mixtures in MIXTURES:
                    kernel._MIXTURES = mixtures
                    process = GaussianProcess(columns.groups, columns.mixed)
                    process.tune(columns(x), np.log(latency_s))
                    process.condition(columns(x), np.log(latency_s))
                    mean = process.posterior(columns(asked)).mean
                    yield {
                        "network": name,
                        "area_mm2": area_mm2,
                        "seed": seed,
                        "mixtures": mixtures,
                        "error": round(float(np.abs(mean - truth).mean()), 4),
                        "rank_correlation": round(float(spearmanr(mean, truth)[0]), 4),
                    }


def main() -> None:
    """Write the rows; print the means by number of mixtures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--csv", type=Path, default=_CSV)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    found = list(rows(arguments.seeds))
    with arguments.csv.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    print("| mixtures | error of log latency | rank correlation |\n|---|---|---|")
    for mixtures in MIXTURES:
        mine = [row for row in found if row["mixtures"] == mixtures]
        error, rank = (np.mean([row[key] for row in mine]) for key in ("error", "rank_correlation"))
        print(f"| {mixtures} | {error:.3f} | {rank:.3f} |")


if __name__ == "__main__":
    main()
