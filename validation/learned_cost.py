"""NAHAS's learned cost model: an MLP beside the simulator that taught it.

Joint genomes of a network space and of NAHAS's 50,000 chips are drawn at random and simulated by
the edge model. An MLP with two heads, a ridge and gradient boosting learn latency and area from
the first of them, and predict designs that none has seen. Nothing is read: there is no `--data`.
Times are the processor's, all threads together, so that other work does not count.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy import ndarray

from cosearch.calibrate.agreement import agreement
from cosearch.cost import EdgeModel
from cosearch.errors import CosearchError, unknown
from cosearch.families import FAMILIES, NahasChipFamily, NetworkFamily
from cosearch.problem import Problem
from validation.common import Figures, main
from validation.learned_cost_learners import LEARNERS, Designs, Predict

SAMPLES: Final = (1_000, 5_000, 20_000, 50_000)
HELD_OUT: Final = 3_000
SEED: Final = 1  # with the draws of 0 the MLP's rates and decay were chosen
FEWEST: Final = 200
AT_ONCE: Final = 2_048  # designs that are decoded together
HEADS: Final = ("latency", "area")


def validate(
    samples: Sequence[int] = SAMPLES, seed: int = SEED, space: str = "mobilenet-v2"
) -> Figures:
    """Every learner with every number of samples, each a part of the next; then the simulator."""
    if min(samples) < FEWEST:
        raise CosearchError(f"samples {min(samples)}: at least {FEWEST} are needed")
    if seed < 0:
        raise CosearchError(f"seed {seed}: at least 0 is needed")
    problem = joint(space)
    problem.model(problem.space.sample(np.random.default_rng(0), 2))  # compiles the simulator
    drawn, simulator_s = simulated(problem, max(samples), np.random.default_rng([seed, 0]))
    asked, _ = simulated(problem, HELD_OUT, np.random.default_rng([seed, 1]))
    runs = np.isfinite(asked.latency_s)
    print(f"{space} x nahas-chip, {len(problem.space)} knobs, {problem.space.size:.3g} designs")
    print(f"{1 - runs.mean():.1%} of the designs cannot run; {runs.sum():,} asked about\n")
    print(f"{'samples':>8} {'':9}latency: error    95 %  Spearman Kendall   area: error  train")
    figures: dict[str, float | int | str] = {"space": space, "seed": seed}
    figures |= {"designs that cannot run %": float(100 * (1 - runs.mean()))}
    for count in sorted(samples):
        for name in LEARNERS:
            row = _learned(name, drawn[:count], asked[runs], seed)
            print(f"{count:8,} {name:9}{_line(row)}", flush=True)
            figures |= {f"{count:,} samples, {name}: {figure}": row[figure] for figure in row}
    return figures | {"simulator: µs a design": 1e6 * simulator_s, "designs asked": int(runs.sum())}


def joint(space: str) -> Problem:
    """Networks of `space` on NAHAS's chips."""
    family: Any = FAMILIES[space].make() if space in FAMILIES else None
    if not isinstance(family, NetworkFamily):
        networks = [name for name, entry in FAMILIES.items() if "networks" in entry.summary]
        raise unknown("space", space, networks)
    return Problem(family, NahasChipFamily(), EdgeModel(), None)


def simulated(problem: Problem, count: int, rng: np.random.Generator) -> tuple[Designs, float]:
    """(designs at random, seconds a design to decode and simulate)."""
    genomes = problem.space.sample(rng, count)
    start = time.process_time()
    parts = [problem.model(genomes[at : at + AT_ONCE]) for at in range(0, count, AT_ONCE)]
    seconds = (time.process_time() - start) / count
    latency_s, area_mm2 = (
        np.concatenate([part[name] for part in parts]) for name in ("latency_s", "area_mm2")
    )
    sizes = tuple(int(n) for n in problem.space.cardinalities)
    return Designs(genomes, latency_s, area_mm2, sizes), seconds


def _learned(name: str, drawn: Designs, asked: Designs, seed: int) -> dict[str, float]:
    """How far off one learner is, and what it takes."""
    start = time.process_time()
    predict = LEARNERS[name](drawn[np.isfinite(drawn.latency_s)], seed)
    train_s = time.process_time() - start
    predicted, seconds = _timed(predict, asked.genomes)
    figures: dict[str, float] = {}
    for head, ours, truth in zip(HEADS, predicted, (asked.latency_s, asked.area_mm2), strict=True):
        found = agreement(ours, truth)
        figures |= {
            f"{head}, mean error %": 100 * found.mape,
            f"{head}, 95 % are within %": float(100 * np.quantile(np.abs(ours / truth - 1), 0.95)),
            f"{head}, Spearman": found.spearman,
            f"{head}, Kendall": found.kendall,
        }
    return figures | {"s to train": train_s, "µs a prediction": 1e6 * seconds / len(asked)}


def _timed(predict: Predict, genomes: ndarray) -> tuple[tuple[ndarray, ndarray], float]:
    """(answers, seconds of all at once): the fastest of three."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        answers = predict(genomes)
        taken.append(time.process_time() - start)
    return answers, min(taken)


def _line(row: dict[str, float]) -> str:
    return (
        f"{row['latency, mean error %']:13.2f} % {row['latency, 95 % are within %']:6.1f} % "
        f"{row['latency, Spearman']:8.4f} {row['latency, Kendall']:7.4f} "
        f"{row['area, mean error %']:9.2f} % {row['s to train']:6.1f} s"
    )


OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "samples": {"nargs": "+", "type": int, "default": list(SAMPLES), "help": "to learn from"},
    "seed": {"type": int, "default": SEED, "help": "of the draws and of the learners"},
    "space": {"default": "mobilenet-v2", "help": "networks: see cosearch list spaces"},
}

if __name__ == "__main__":
    main(__doc__ or "", None, validate, options=OPTIONS)
