"""NAS-Bench-Macro's accuracies by genome."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cosearch.accuracy.tabular import TabularAccuracy
from cosearch.benchmarks import nas_bench_macro_accuracies

CHOICES: Final = (3,) * 8  # operators of each layer
SOURCE: Final = "Su et al. 2021, arXiv 2103.11922; xiusu/NAS-Bench-Macro, Apache-2.0"


def nas_bench_macro(path: Path | None = None) -> TabularAccuracy:
    """CIFAR-10 test accuracy, mean of three seeds, by genome of the family nas-bench-macro.

    From `path`, or a local copy in COSEARCH_DATA, or the authors' repository.
    """
    data = nas_bench_macro_accuracies(path)
    return TabularAccuracy("nas-bench-macro", SOURCE, CHOICES, data.accuracy)
