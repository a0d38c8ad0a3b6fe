"""What a strategy is told of a trial under an area limit: three protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

Told = tuple[Float[ndarray, "n 1"], Float[ndarray, " n"]]  # losses, violations


def excess(area_mm2: Float[ndarray, " n"], limit_mm2: float) -> Float[ndarray, " n"]:
    """How far above the limit, relative to it; 0 within."""
    return np.maximum(area_mm2 / limit_mm2 - 1, 0)


def degree(
    latency_s: Float[ndarray, " n"], area_mm2: Float[ndarray, " n"], limit_mm2: float
) -> Told:
    """The latency of every design, and how far its area is above the limit."""
    return latency_s[:, None], excess(area_mm2, limit_mm2)


def nothing(
    latency_s: Float[ndarray, " n"], area_mm2: Float[ndarray, " n"], limit_mm2: float
) -> Told:
    """Of an infeasible design only that it is: Apollo's reward of 0."""
    infeasible = (area_mm2 > limit_mm2) | ~np.isfinite(latency_s)
    return np.where(infeasible, np.inf, latency_s)[:, None], infeasible.astype(float)


# `known` tells what `violations` does, but the area is known before a trial and need not be broken.
TELLINGS: Final[Mapping[str, Callable[..., Told]]] = {
    "violations": degree,
    "zero": nothing,
    "known": degree,
}
