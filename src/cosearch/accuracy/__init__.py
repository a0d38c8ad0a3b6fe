"""Where accuracies come from: protocol, memory, tables. Torch-backed ones live in `deep`."""

from collections.abc import Callable, Mapping
from typing import Final

from cosearch.accuracy.accuracy import Accuracy, Memoised
from cosearch.accuracy.nas_bench_macro import nas_bench_macro
from cosearch.accuracy.nasbench201 import nasbench201
from cosearch.accuracy.tabular import TabularAccuracy

# By the name of the family whose networks they are.
TABLES: Final[Mapping[str, Callable[[], TabularAccuracy]]] = {
    "nas-bench-macro": nas_bench_macro,
    "nasbench201": nasbench201,
}

__all__ = ["TABLES", "Accuracy", "Memoised", "TabularAccuracy", "nas_bench_macro", "nasbench201"]
