"""How well predictions agree with measurements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray


@dataclass(frozen=True)
class Agreement:
    """Of predicted with measured figures, each of several networks."""

    bias: float  # mean of predicted over measured, less 1
    mape: float  # mean absolute relative error
    spearman: float
    kendall: float  # tau-b


def agreement(predicted: Float[ndarray, " n"], measured: Float[ndarray, " n"]) -> Agreement:
    """All four figures; rank correlations are NaN where either side has no two values."""
    error = predicted / measured - 1
    return Agreement(
        float(error.mean()),
        float(np.abs(error).mean()),
        spearman(predicted, measured),
        kendall(predicted, measured),
    )


def spearman(a: Float[ndarray, " n"], b: Float[ndarray, " n"]) -> float:
    """Rank correlation; ties get their mean rank."""
    return _cosine(*(ranks - ranks.mean() for ranks in (_ranks(a), _ranks(b))))


def kendall(a: Float[ndarray, " n"], b: Float[ndarray, " n"]) -> float:
    """Tau-b: pairs in the same order less pairs in the other, ties accounted for; O(n^2)."""
    return _cosine(*(np.sign(values[:, None] - values).ravel() for values in (a, b)))


def _cosine(a: ndarray, b: ndarray) -> float:
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size else float("nan")


def _ranks(values: Float[ndarray, " n"]) -> Float[ndarray, " n"]:
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return ((last - counts + 1 + last) / 2)[where]
