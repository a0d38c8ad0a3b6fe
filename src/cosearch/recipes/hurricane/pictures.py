"""What the page of a run shows of its target: scores, spaces by alpha, likings, stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cosearch.recipes.hurricane.generated import Generated
from cosearch.recipes.hurricane.insights import Insight
from cosearch.recipes.hurricane.scores import OperatorCosts
from cosearch.report import plots
from cosearch.units import show


def score_map(costs: OperatorCosts, alpha: float, kept: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Score of every operator and layer, as a share of the layer's best."""
    scores = costs.scores(alpha)
    shares = np.round(scores / scores.max(axis=1, keepdims=True), 4)
    sizes = sorted({len(layer) for layer in kept})
    return plots.heat(
        "What the target likes",
        f"(FLOPs x parameters)^{alpha:g} / latency of every operator in every layer, the layer's "
        f"best being 1. The space is the best of each column, {' to '.join(map(str, sizes))} of "
        f"{len(costs.operators)}.",
        list(costs.operators),
        list(costs.layers),
        shares.T.tolist(),
        "score",
    )


def likings(found: Sequence[Insight]) -> dict[str, Any]:
    """Insights as a table."""
    rows = [[each.trait, f"{each.factor:.2f}x"] for each in found if np.isfinite(each.factor)]
    return plots.listing(
        "Likes and dislikes",
        "What a trait does to an operator's score, all else equal, and kinds of operator against "
        "the mean of all; geometric means over operators and layers.",
        ["trait", "score"],
        rows,
    )


def by_alpha(spaces: Sequence[Generated], chosen: float) -> dict[str, Any]:
    """How alpha shapes the space."""
    rows = [
        [
            f"{space.alpha:g}" + (" (taken)" if space.alpha == chosen else ""),
            show(space.median_s, "time", 4),
            f"{space.within:.0%}",
            ", ".join(_usual(space)),
        ]
        for space in spaces
    ]
    return plots.listing(
        "The space by alpha",
        "The more capacity counts, the larger and slower the operators that are kept.",
        ["alpha", "median latency", "within the limits", "kept in most layers"],
        rows,
    )


def _usual(space: Generated) -> list[str]:
    """The operators that most layers have, most frequent first."""
    names = [name for layer in space.family.candidates for name in layer]
    return sorted(set(names), key=lambda name: (-names.count(name), name))[:4]


def stages_table(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Iterations and accuracies of the stages."""
    return plots.listing(
        "Stages",
        "Training iterations of the shared weights, and the best network each stage found.",
        ["stage", "iterations", "validation accuracy, shared weights"],
        [[row["name"], f"{row['steps']:,}", f"{row['accuracy']:.2%}"] for row in rows],
    )
