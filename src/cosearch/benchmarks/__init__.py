"""Data sets of the field as plain arrays; mapping their networks to genomes happens above.

A loader takes a path, or finds a local copy in COSEARCH_DATA, or fetches the original.
"""

from cosearch.benchmarks.accel_nasbench import AccelNASBench, accel_nasbench
from cosearch.benchmarks.cells import used_edges
from cosearch.benchmarks.latencies import Latencies, fbnet_latencies, nasbench201_latencies
from cosearch.benchmarks.nas_bench_macro import MacroAccuracies, nas_bench_macro_accuracies
from cosearch.benchmarks.nasbench201 import CellAccuracies, nasbench201_accuracies

__all__ = [
    "AccelNASBench",
    "CellAccuracies",
    "Latencies",
    "MacroAccuracies",
    "accel_nasbench",
    "fbnet_latencies",
    "nas_bench_macro_accuracies",
    "nasbench201_accuracies",
    "nasbench201_latencies",
    "used_edges",
]
