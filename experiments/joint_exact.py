"""Network and accelerator together: the certified optimum, and how soon strategies find it.

NAS-Bench-Macro's 6,561 networks x Apollo's 452,760,000 accelerators. Accuracy first, then latency,
within an area and a latency. A trial is an accuracy asked for, as in a study: batches are screened
by the cost model before.

    python -m experiments.joint_exact --data TABLE.json
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from cosearch.accuracy import nas_bench_macro
from cosearch.cost import EdgeModel
from cosearch.cost.sweep import Budget
from cosearch.cost.sweep.joint.tables import JointTables
from cosearch.families import FAMILIES, ApolloChipFamily
from cosearch.problem import Limit, Problem
from cosearch.progress import silent
from cosearch.search import OPTIMIZERS, make_optimizer
from cosearch.space import every
from cosearch.study.nesting import genomes_of, joint_designs, model_difference
from cosearch.study.screen import Screen
from experiments.joint_exact_page import write_page

RESULTS: Final = Path(__file__).parents[1] / "docs" / "results" / "joint-exact.json"
STRATEGIES: Final = ("genetic", "evolution", "p3bo", "mbo", "gp", "random")
SCREEN: Final = 16  # as a study's


def main() -> None:
    """Read what is asked for, work it out, write it down."""
    options = _options()
    problem = Problem(
        FAMILIES["nas-bench-macro"].make(),  # type: ignore[arg-type]
        ApolloChipFamily(),
        EdgeModel(),
        nas_bench_macro(options.data),
        limits=(Limit("area_mm2", options.area), Limit("latency_s", options.latency * 1e-6)),
    )
    found = certify(problem, options.workers)
    print(json.dumps(found, indent=1))
    if options.out.exists() and not options.anew:
        found["strategies"] = json.loads(options.out.read_text())["strategies"]
    for name in options.strategies:
        if name not in OPTIMIZERS:
            print(f"{name}: not registered, left out")
            continue
        runs = [
            race(problem, name, seed, options, found["optimum"]) for seed in range(options.seeds)
        ]
        found["strategies"][name] = summary(runs, options)
        print(name, found["strategies"][name])
        write(found, options.out)
    write(found, options.out)


def write(found: dict[str, Any], path: Path) -> None:
    """The figures, and the page about them."""
    path.write_text(json.dumps(found, indent=1) + "\n")
    write_page(found, path.with_suffix(".md"))


def certify(problem: Problem, workers: int) -> dict[str, Any]:
    """The optimum, the front within the area, and seconds for either."""
    start = time.perf_counter(), time.process_time()
    best = joint_designs(problem, only_first=True, workers=workers)
    between = time.perf_counter(), time.process_time()
    free = Problem(
        problem.networks,
        problem.chips,
        problem.cost_model,
        problem.accuracy,
        limits=problem.limits[:1],
    )
    front = joint_designs(free, workers=workers)
    end = time.perf_counter(), time.process_time()
    genome = genomes_of(problem, best)[0]
    return {
        "limits": {limit.metric: limit.at_most for limit in problem.limits},
        "designs": best.designs,
        "networks_that_can": _able(problem, workers),
        "optimum": {
            "accuracy": float(best.merit[0]),
            "latency_s": float(best.latency_s[0]),
            "area_mm2": float(best.area_mm2[0]),
            "genome": genome.tolist(),
            "choices": problem.space.values(genome),
        },
        "model_difference": max(model_difference(problem, best), model_difference(free, front)),
        "front": [
            {"accuracy": accuracy, "latency_us": latency * 1e6, "area_mm2": area}
            for accuracy, latency, area in zip(
                front.merit.tolist(), front.latency_s.tolist(), front.area_mm2.tolist(), strict=True
            )
        ],
        "seconds": {
            "workers": workers,
            "optimum": [round(b - a, 2) for a, b in zip(start, between, strict=True)],
            "front": [round(b - a, 2) for a, b in zip(between, end, strict=True)],
        },
        "strategies": {},
    }


def _able(problem: Problem, workers: int) -> int:
    """How many of the networks some chip runs within the limits."""
    budget = Budget(**{limit.metric: limit.at_most for limit in problem.limits})
    networks: Any = problem.networks
    genomes = every(networks.space)
    layers = networks.decode(genomes)
    chips: Any = problem.chips
    tables = JointTables.of(layers, chips, EdgeModel(), budget, workers, silent)
    bar = (budget.latency_s, np.inf, 0, 0)
    bounds = tables.bounds_s(np.arange(len(genomes)))
    return sum(tables.least(i, bound, bar) != bar for i, bound in enumerate(bounds))


def race(
    problem: Problem, name: str, seed: int, options: argparse.Namespace, optimum: dict[str, Any]
) -> dict[str, Any]:
    """Trials until the best accuracy, and until the optimum; None where not within all trials."""
    rng = np.random.default_rng(seed)
    optimizer = make_optimizer(name, problem.space, rng, excess=problem.excess)
    screen, done, start = Screen(problem, SCREEN), 0, time.process_time()
    reached: dict[str, int | None] = {"accuracy": None, "optimum": None}
    while done < options.trials and reached["optimum"] is None:
        genomes, modelled = screen.propose(optimizer, options.batch)
        metrics = problem.judge(genomes, modelled)
        optimizer.tell(genomes, *problem.told(metrics))
        good = (problem.violations(metrics) <= 0) & (metrics["accuracy"] >= optimum["accuracy"])
        fast = metrics["latency_s"] <= optimum["latency_s"] * (1 + 1e-9)
        for what, mask in (("accuracy", good), ("optimum", good & fast)):
            if reached[what] is None and mask.any():
                reached[what] = done + int(np.argmax(mask)) + 1
        done += len(genomes)
    return {**reached, "trials": done, "seconds": round(time.process_time() - start, 2)}


def summary(runs: list[dict[str, Any]], options: argparse.Namespace) -> dict[str, Any]:
    """Medians over seeds; a run that did not reach it counts as more than all trials."""
    out: dict[str, Any] = {"batch": options.batch, "most_trials": options.trials, "runs": runs}
    for what in ("accuracy", "optimum"):
        trials = [np.inf if run[what] is None else run[what] for run in runs]
        middle = float(np.median(trials))
        out[f"median_{what}"] = int(middle) if np.isfinite(middle) else None
    return out


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--data", type=Path, help="the table; else as `cosearch run` finds it")
    parser.add_argument("--area", type=float, default=6.8, help="mm2")
    parser.add_argument("--latency", type=float, default=3.8, help="microseconds")
    parser.add_argument("--strategies", nargs="*", default=STRATEGIES)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--anew", action="store_true", help="forget strategies run before")
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
