"""The spaces whose networks others have trained, and what is asked of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cosearch.accuracy import TabularAccuracy, nas_bench_macro, nasbench201
from cosearch.families.chain import ChainFamily
from cosearch.families.nas_bench_macro import nas_bench_macro_family
from cosearch.families.nasbench201 import nasbench201_family


@dataclass(frozen=True)
class Benchmark:
    """Networks drawn from `family`; `accuracies` are by data set."""

    title: str
    family: Callable[[], ChainFamily]
    accuracies: Mapping[str, Callable[[], TabularAccuracy]]
    networks: int


BENCHMARKS: Final[Mapping[str, Benchmark]] = {
    "nasbench201": Benchmark(
        "NAS-Bench-201",
        nasbench201_family,
        {
            "CIFAR-10": lambda: nasbench201(column="cifar10-test"),
            "CIFAR-100": lambda: nasbench201(column="cifar100-test"),
        },
        200,
    ),
    "nas-bench-macro": Benchmark(
        "NAS-Bench-Macro", nas_bench_macro_family, {"CIFAR-10": nas_bench_macro}, 42
    ),
}

# Spearman over all 15,625 cells: the notebook of SamsungLabs/zero-cost-nas, the code of
# Abdelfattah et al. 2021 (arXiv 2101.08134).
PUBLISHED: Final[Mapping[tuple[str, str], Mapping[str, float]]] = {
    ("nasbench201", "CIFAR-10"): {
        "grad_norm": 0.594,
        "snip": 0.596,
        "fisher": 0.360,
        "synflow": 0.737,
        "jacob_cov": 0.731,
    },
    ("nasbench201", "CIFAR-100"): {
        "grad_norm": 0.637,
        "snip": 0.637,
        "fisher": 0.385,
        "synflow": 0.763,
        "jacob_cov": 0.704,
    },
}
