"""What ask and tell cost beside an evaluation: numpy-only strategies, batches of 256."""

from typing import Any

import numpy as np
import pytest

from cosearch.search import OPTIMIZERS
from cosearch.space import Knob, Space

BATCH = 256
ROUNDS = 20
SPACES = {
    "10 knobs": Space([Knob(f"k{i}", tuple(range(8))) for i in range(10)]),
    "45 knobs": Space([Knob(f"k{i}", tuple(range(8))) for i in range(45)]),
}
STRATEGIES = (
    "random",
    "quasi-random",
    "grid",
    "differential",
    "evolution",
    "genetic",
    "nsga2",
    "reinforce",
)


@pytest.mark.parametrize("knobs", SPACES)
@pytest.mark.parametrize("name", STRATEGIES)
def bench_ask_and_tell(benchmark: Any, name: str, knobs: str) -> None:
    """Trials per second with two goals and one limit; the target is 20,000, NSGA-II 22,000.

    Losses are of the cheapest kind and counted in: some 0.1 microseconds a trial.
    """
    space = SPACES[knobs]

    def search() -> None:
        optimizer = OPTIMIZERS[name](space, np.random.default_rng(0))
        for _ in range(ROUNDS):
            genomes = optimizer.ask(BATCH)
            first = genomes.sum(axis=1)
            losses = np.stack([first, genomes[:, 0] - first], axis=1).astype(float)
            optimizer.tell(genomes, losses, np.maximum(genomes[:, 1] - 5.0, 0.0))

    benchmark.pedantic(search, rounds=5, warmup_rounds=1)
    seconds = benchmark.stats["median"]
    benchmark.extra_info["trials_per_s"] = round(ROUNDS * BATCH / seconds)
    benchmark.extra_info["us_per_trial"] = round(seconds / (ROUNDS * BATCH) * 1e6, 1)
