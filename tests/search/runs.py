"""Optimizers on two problems, a toy and a chip, to be compared with random search."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from scipy.stats import mannwhitneyu

from cosearch.cost import EdgeModel
from cosearch.families import MobileFamily, NahasChipFamily
from cosearch.search import OPTIMIZERS
from cosearch.space import Space
from cosearch.testing.check_optimizer import toy_losses, toy_space

BATCH = 16
ALPHA = 0.01

Evaluate = Callable[[Any], tuple[Any, Any]]


def toy() -> tuple[Space, Evaluate]:
    """Twelve knobs, nothing infeasible."""
    return toy_space(), lambda genomes: (toy_losses(genomes), np.zeros(len(genomes)))


@cache
def chip() -> tuple[Space, Evaluate]:
    """Latency of a small network on NAHAS's chips; the area limit leaves a fifth of them."""
    networks, chips, model = MobileFamily.for_images(3, 32, 10), NahasChipFamily(), EdgeModel()
    layers = networks.decode(networks.space.sample(np.random.default_rng(0), 1))
    sample = chips.space.sample(np.random.default_rng(1), 1000)
    limit = np.quantile(model(layers, chips.decode(sample)[:, None]).sum(-1).area_mm2, 0.2)

    def evaluate(genomes: Any) -> tuple[Any, Any]:
        cost = model(layers, chips.decode(genomes)[:, None]).sum(-1)
        return cost.latency_s[:, None] * 1e6, np.maximum(cost.area_mm2 / limit - 1, 0)

    return chips.space, evaluate


def best_after(name: str, seed: int, trials: int, problem: tuple[Space, Evaluate]) -> float:
    """The least feasible loss an optimizer finds, inf if there is none."""
    space, evaluate = problem
    optimizer = OPTIMIZERS[name](space, np.random.default_rng(seed))
    best = np.inf
    for _ in range(trials // BATCH):
        genomes = optimizer.ask(BATCH)
        losses, violations = evaluate(genomes)
        optimizer.tell(genomes, losses, violations)
        best = min(best, losses[violations <= 0].min(initial=np.inf))
    return best


@cache
def best_of_random(make: Callable[[], tuple[Space, Evaluate]], trials: int) -> tuple[float, ...]:
    """Forty runs of random search."""
    space, evaluate = make()
    losses, violations = evaluate(space.sample(np.random.default_rng(2), 40 * trials))
    losses = np.where(violations <= 0, losses[:, 0], np.inf)
    return tuple(losses.reshape(40, trials).min(axis=1))


def beats_random(name: str, make: Callable[[], tuple[Space, Evaluate]], trials: int) -> bool:
    """One-sided Mann-Whitney test, two runs against forty of random search, at `ALPHA`.

    Two that beat all forty have p = 1 / 861.
    """
    found = [best_after(name, seed, trials, make()) for seed in range(2)]
    return mannwhitneyu(found, best_of_random(make, trials), alternative="less").pvalue < ALPHA
