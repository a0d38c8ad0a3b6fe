"""Networks of two batches told by the same operators, so that a correction can compare them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.cost.learned.operator_times import OperatorTimes


def on_common_operators(a: OperatorTimes, b: OperatorTimes) -> tuple[OperatorTimes, OperatorTimes]:
    """Both with a column for each operator of either."""
    known = np.concatenate([_identity(a), _identity(b)])
    distinct, first, places = np.unique(known, axis=0, return_index=True, return_inverse=True)
    places = places.reshape(-1)
    classes = np.concatenate([a.classes, b.classes])[first]
    sizes = np.concatenate([a.sizes, b.sizes])[first]
    split = len(a.classes)
    return (
        OperatorTimes(_spread(a.seconds, places[:split], len(distinct)), classes, sizes),
        OperatorTimes(_spread(b.seconds, places[split:], len(distinct)), classes, sizes),
    )


def _identity(networks: OperatorTimes) -> Int[ndarray, "d 7"]:
    """Class and sizes as whole numbers: logarithms may differ in their last digit."""
    sizes = np.rint(np.exp2(networks.sizes)).astype(np.int64)
    return np.column_stack([networks.classes.astype(np.int64), sizes])


def _spread(
    seconds: Float[ndarray, "n d"], places: Int[ndarray, " d"], width: int
) -> Float[ndarray, "n w"]:
    wide = np.zeros((len(seconds), width))
    wide[:, places] = seconds
    return wide
