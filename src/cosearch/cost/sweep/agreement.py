"""What a sweep found, held against the model itself: without that nothing is certified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from cosearch.cost.edge.model import EdgeModel
from cosearch.cost.sweep.factors import FactoredFamily, genomes
from cosearch.cost.sweep.result import SweepResult
from cosearch.errors import CosearchError
from cosearch.networks import Layers

AGREE: Final = 1e-9  # relative; what the sweep may differ from the model


def model_difference(
    found: SweepResult, family: FactoredFamily, model: EdgeModel, workloads: Sequence[Layers]
) -> float:
    """The largest relative difference from the model, over the best designs of every budget.

    Raises `CosearchError` if the sweep's tables and the model disagree.
    """
    worst = 0.0
    for best in (answer.best for answer in found.answers if len(answer.best)):
        chips = family.decode(genomes(family, best.design))[:, None]
        for w, layers in enumerate(workloads):
            cost = model(layers, chips).sum(-1)
            worst = max(
                worst,
                _difference(best.latency_s[:, w], cost.latency_s),
                _difference(best.energy_j[:, w], cost.energy_j),
                _difference(best.area_mm2, cost.area_mm2),
            )
    if worst > AGREE:
        raise CosearchError(f"sweep and model differ by {worst:.3g}; at most {AGREE} is allowed")
    return worst


def _difference(ours: Any, models: Any) -> float:
    return float(np.max(np.abs(ours / models - 1.0)))
