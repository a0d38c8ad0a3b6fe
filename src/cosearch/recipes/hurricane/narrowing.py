"""The space a target likes: the best-scored operators of each layer, and some to explore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.families.hurricane import OPERATORS
from cosearch.recipes.hurricane.scores import OperatorCosts


@dataclass(frozen=True)
class Narrowing:
    """How many operators a layer keeps.

    As published: the `best` by score in each layer, `exploring` more in the last
    `exploring_layers`, where time is cheap and accuracy decided: 4^16 x 5^4 networks. Which
    operators explore could not be found. Ours are the best-scored of the structures that the best
    are not of: these are often one structure in several sizes.
    """

    alpha: float
    best: int = 4
    exploring: int = 1
    exploring_layers: int = 4

    def __call__(self, costs: OperatorCosts) -> Mapping[int, tuple[str, ...]]:
        """Operators kept by layer, best first; as `HurricaneFamily.narrowed` takes them.

        Raises `CosearchError` where the target runs none of a layer's operators.
        """
        first = len(costs.layers) - self.exploring_layers
        return {
            i: self._kept(costs, i, self.exploring if i >= first else 0)
            for i in range(len(costs.layers))
        }

    def _kept(self, costs: OperatorCosts, layer: int, exploring: int) -> tuple[str, ...]:
        scores = costs.scores(self.alpha)[layer]
        order = np.argsort(-scores, kind="stable")
        order = order[scores[order] > 0]
        if not len(order):
            raise CosearchError(f"layer {costs.layers[layer]}: the target runs no operator of it")
        best, rest = order[: self.best], order[self.best :]
        return tuple(
            costs.operators[i] for i in (*best, *_strangers(costs, best, rest)[:exploring])
        )


def _strangers(
    costs: OperatorCosts, best: Int[ndarray, " b"], rest: Int[ndarray, " r"]
) -> Int[ndarray, " r"]:
    """`rest`, those of other structures than `best` first."""
    kinds = [OPERATORS[name].kind for name in costs.operators]
    known = {kinds[i] for i in best}
    return rest[np.argsort([kinds[i] in known for i in rest], kind="stable")]
