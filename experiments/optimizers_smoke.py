"""How near strategies come to the certified optimum of one workload on Apollo's space.

`python -m experiments.optimizers_smoke [--seeds 3] [--trials 1024] [--area 61]`. Latency of
MobileNetV2 on the edge model, 22 nm; the default area limit leaves about a fifth of the designs.
The optimum is that of the exact sweep.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

from cosearch.cost import EdgeModel
from cosearch.cost.sweep import Budget
from cosearch.families import ApolloChipFamily
from cosearch.recipes.sweep import NODE_NM, Request, run
from cosearch.search import OPTIMIZERS
from cosearch.zoo import find_network

NETWORK = "mobilenet-v2-1.0"
AFTER = (64, 256, 512, 1024)
BATCH = 16


def optimum_us(area_mm2: float) -> float:
    """Least latency of all 452,760,000 designs within the area."""
    budgets = (Budget(area_mm2=area_mm2),)
    request = Request("apollo", [find_network(NETWORK)], budgets, top=1, front=0)
    found = run(request)
    (latency_ms,) = found["budgets"][0]["top"][0]["latency_ms"].values()
    return float(latency_ms) * 1e3


def best_so_far(name: str, seed: int, trials: int, area_mm2: float) -> Iterator[float]:
    """Least feasible latency in microseconds after every batch; inf before there is one."""
    family, model = ApolloChipFamily(), EdgeModel(node_nm=NODE_NM)
    layers = find_network(NETWORK).layers
    optimizer = OPTIMIZERS[name](family.space, np.random.default_rng(seed))
    best = np.inf
    for _ in range(0, trials, BATCH):
        genomes = optimizer.ask(BATCH)
        cost = model(layers, family.decode(genomes)[:, None]).sum(-1)
        violations = np.maximum(cost.area_mm2 / area_mm2 - 1, 0)
        optimizer.tell(genomes, cost.latency_s[:, None], violations)
        best = min(best, 1e6 * cost.latency_s[violations <= 0].min(initial=np.inf))
        yield best


def main() -> None:
    """A line per run as it ends, then the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=AFTER[-1])
    parser.add_argument("--area", type=float, default=61.0, help="in mm2")
    parser.add_argument("names", nargs="*", default=["random", "evolution", "mbo", "p3bo"])
    arguments = parser.parse_args()
    after = [trials for trials in AFTER if trials <= arguments.trials]
    rows = {}
    for name in arguments.names:
        runs = []
        for seed in range(arguments.seeds):
            curve = list(best_so_far(name, seed, arguments.trials, arguments.area))
            runs.append([curve[trials // BATCH - 1] for trials in after])
            print(f"{name}, seed {seed}: " + ", ".join(f"{x:.3f}" for x in runs[-1]), flush=True)
        rows[name] = np.array(runs)
    least = optimum_us(arguments.area)
    print(f"\n{NETWORK}, at most {arguments.area:g} mm2, optimum {least:.3f} us")
    print("best latency in us and regret, median of seeds (least to most), after so many trials")
    print("| strategy | " + " | ".join(str(trials) for trials in after) + " |")
    print("|---|" + "---|" * len(after))
    for name, runs_of in rows.items():
        print(f"| {name} | " + " | ".join(_cell(column, least) for column in runs_of.T) + " |")


def _cell(values: np.ndarray, least: float) -> str:
    regret = 100 * (np.array([np.median(values), values.min(), values.max()]) / least - 1)
    return f"{np.median(values):.3f}, {regret[0]:.1f} % ({regret[1]:.1f} to {regret[2]:.1f})"


if __name__ == "__main__":
    main()
