"""Search throughput without training: hardware modelled, supernet accuracies memoised."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cosearch.accuracy import Memoised
from cosearch.cost import EdgeModel
from cosearch.families import ApolloChipFamily, MobileFamily, NahasChipFamily
from cosearch.networks import Kind
from cosearch.problem import Limit, Problem
from cosearch.study import Study
from cosearch.zoo import find_network

TRIALS = 2048


class Known:
    """Every accuracy is there already, as after a search that is replayed."""

    price = "a look-up"

    def __call__(self, genomes: np.ndarray) -> np.ndarray:
        return 1 - np.exp(-genomes.sum(axis=1) / 40)


def bench_joint_search(benchmark: Any, tmp_path: Path) -> None:
    """Joint designs per second: ask, decode, map, judge, record durably, tell.

    `screen=1`: with accuracies that cost nothing there is nothing to save by asking again.
    """
    networks = MobileFamily.for_images(1, 8, 10)
    limits = (Limit("latency_s", 4e-7), Limit("area_mm2", 42.3))
    memory = Memoised(Known())
    problem = Problem(networks, NahasChipFamily(), EdgeModel(), memory, limits=limits)
    folders = iter(range(1000))

    def search() -> None:
        Study(tmp_path / str(next(folders)), problem, screen=1).run(TRIALS)

    search()  # compiles, fills the memory
    benchmark.pedantic(search, rounds=5)
    benchmark.extra_info["designs_per_s"] = round(TRIALS / benchmark.stats["median"])


@pytest.mark.parametrize(
    ("channels", "size", "classes", "n"), [(1, 8, 10, 2000), (3, 224, 1000, 1000)]
)
def bench_model(benchmark: Any, channels: int, size: int, classes: int, n: int) -> None:
    """(layer, design) pairs per second on one core with the mapper on."""
    rng = np.random.default_rng(0)
    networks, chips = MobileFamily.for_images(channels, size, classes), NahasChipFamily()
    layers = networks.decode(networks.space.sample(rng, n))
    made = chips.decode(chips.space.sample(rng, n))[:, None]
    model = EdgeModel()
    model(layers, made)
    benchmark.pedantic(model, args=(layers, made), rounds=5)
    pairs = int((layers.repeat > 0).sum())
    benchmark.extra_info["pairs_per_s"] = round(pairs / benchmark.stats["median"])


@pytest.mark.parametrize("name", ["mobilenet-v2-1.0", "resnet-50"])
def bench_model_on_two_threads(benchmark: Any, name: str) -> None:
    """(layer, design) evaluations per second: one network, 4,000 of Apollo's designs.

    A network's rows are counted as they are; equal ones are mapped once. `mapped_per_s` counts only
    what was mapped.
    """
    layers, chips = find_network(name).layers, ApolloChipFamily()
    made = chips.decode(chips.space.sample(np.random.default_rng(0), 4000))[:, None]
    model = EdgeModel(threads=2)
    model(layers, made[:8])
    benchmark.pedantic(model, args=(layers, made), rounds=7)
    table = layers.table(np.int64)
    mapped = np.unique(table[np.isin(table[:, 0], (Kind.MAC, Kind.MATMUL))], axis=0)
    rate = 4000 / benchmark.stats["median"]
    benchmark.extra_info["pairs_per_s"] = round(rate * len(table))
    benchmark.extra_info["mapped_per_s"] = round(rate * len(mapped))
