"""Genomes to cost rows, every network family, on one core.

The physical limit is writing the rows: 14 columns of 4 bytes each. In batches of 1,024
they stay in the cache; in larger ones they go to memory, which takes about twice as long.
"""

from typing import Any

import numpy as np
import pytest

from cosearch.families import FAMILIES
from cosearch.networks.layers import LAYER_FIELDS

BATCH = 1024
BATCHES = 16
NETWORKS = [name for name, entry in FAMILIES.items() if hasattr(entry.make(), "network")]


@pytest.mark.parametrize("name", NETWORKS)
def bench_decode(benchmark: Any, name: str) -> None:
    """Genomes per second, and bytes of rows written per second."""
    family = FAMILIES[name].make()
    space = family.space
    genomes = [space.sample(np.random.default_rng(i), BATCH) for i in range(BATCHES)]
    rows = family.decode(genomes[0]).shape[1]  # compiles, fills the tables

    def decode() -> None:
        for batch in genomes:
            family.decode(batch)

    benchmark.pedantic(decode, rounds=7)
    rate = BATCH * BATCHES / benchmark.stats["median"]
    benchmark.extra_info["genomes_per_s"] = round(rate)
    benchmark.extra_info["bytes_per_s"] = round(rate * rows * len(LAYER_FIELDS) * 4)
