"""What a target likes: factors between the scores of operators that differ in one trait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.families.hurricane import OPERATORS, Operator
from cosearch.recipes.hurricane.scores import OperatorCosts

KINDS: Final = {
    "separable": "separable",
    "ibn": "inverted bottleneck",
    "shuffle": "ShuffleNetV2 unit",
    "xception": "Xception-like unit",
}


@dataclass(frozen=True)
class Insight:
    """`factor`: what a trait does to the score of an operator, all else equal; geometric mean."""

    trait: str
    factor: float


def insights(costs: OperatorCosts, alpha: float) -> list[Insight]:
    """Traits of operators against their counterparts', and kinds against the mean of all."""
    scores = costs.scores(alpha)
    found = [Insight(what, _factor(costs, scores, changed)) for what, changed in _TRAITS.items()]
    return [*found, *_kinds(costs, scores)]


_TRAITS: Final[dict[str, Callable[[Operator], Operator | None]]] = {
    "squeeze-and-excite": lambda op: None if op.squeeze else replace(op, squeeze=True),
    "kernel 5 for 3": lambda op: replace(op, kernel=5) if op.kernel == 3 else None,
    "kernel 7 for 3": lambda op: replace(op, kernel=7) if op.kernel == 3 else None,
    "expansion 3 for 1": lambda op: replace(op, expansion=3) if op.expansion == 1 else None,
    "expansion 6 for 1": lambda op: replace(op, expansion=6) if op.expansion == 1 else None,
}


def _factor(
    costs: OperatorCosts,
    scores: Float[ndarray, "l o"],
    changed: Callable[[Operator], Operator | None],
) -> float:
    """NaN where no operator has a counterpart that runs."""
    column = {OPERATORS[name]: i for i, name in enumerate(costs.operators)}
    pairs = [
        (i, column[other])
        for operator, i in column.items()
        if (other := changed(operator)) is not None and other in column
    ]
    if not pairs:
        return float("nan")
    before, after = (scores[:, list(columns)] for columns in zip(*pairs, strict=True))
    return _geometric_mean((after / before)[(before > 0) & (after > 0)])


def _kinds(costs: OperatorCosts, scores: Float[ndarray, "l o"]) -> list[Insight]:
    kinds = np.array([OPERATORS[name].kind for name in costs.operators])
    overall = _geometric_mean(scores[scores > 0])
    found = []
    for kind, words in KINDS.items():
        of_kind = scores[:, kinds == kind]
        found.append(Insight(words, _geometric_mean(of_kind[of_kind > 0]) / overall))
    return found


def _geometric_mean(values: Float[ndarray, " n"]) -> float:
    return float(np.exp(np.log(values).mean())) if len(values) else float("nan")
