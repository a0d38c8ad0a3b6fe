"""What multiply-accumulates say of times, and what they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.calibrate.agreement import kendall, spearman

_ALIKE: Final = 0.01  # relative difference of MACs that count as the same
_ENOUGH: Final = 20  # networks alike, of which a spread is worth telling
_MISTAKEN: Final = 20  # times off the median time per MAC
_MOST: Final = 2000  # rows for Kendall's coefficient: pairs grow with their square


@dataclass(frozen=True)
class Misranking:
    """Of n networks on one device. Spreads are 95th percentiles over 5th."""

    networks: int
    spearman: float
    kendall: float
    spread: float  # of time per MAC
    error: float  # exceeded by one in a hundred: larger over smaller of time and prediction, less 1
    like_macs: float  # the greatest spread of time among networks alike in MACs; nan: too few


def misranking(macs: Float[ndarray, " n"], time_s: Float[ndarray, " n"]) -> Misranking:
    """A prediction is the MACs times the median time per MAC.

    Left out are rows without a time, and those off by more than any network can be: a few rows of
    the phones are mistaken by thousands.
    """
    known = np.isfinite(time_s) & (time_s > 0) & (macs > 0)
    known[known] = _believable(time_s[known] / macs[known])
    macs, time_s = macs[known], time_s[known]
    per_mac = time_s / macs
    off = np.exp(np.abs(np.log(per_mac / np.median(per_mac)))) - 1
    few = np.random.default_rng(0).permutation(len(macs))[:_MOST]
    return Misranking(
        networks=len(macs),
        spearman=spearman(macs, time_s),
        kendall=kendall(macs[few], time_s[few]),
        spread=_spread(per_mac),
        error=float(np.quantile(off, 0.99)),
        like_macs=_like_macs(macs, time_s),
    )


def _believable(per_mac: Float[ndarray, " n"]) -> ndarray:
    return np.abs(np.log(per_mac / np.median(per_mac))) < np.log(_MISTAKEN)


def _like_macs(macs: Float[ndarray, " n"], time_s: Float[ndarray, " n"]) -> float:
    order = np.argsort(macs, kind="stable")
    macs, time_s = macs[order], time_s[order]
    firsts, starts = np.unique(macs, return_index=True)
    ends = np.searchsorted(macs, firsts * (1 + _ALIKE), side="right")
    places = zip(starts, ends, strict=True)
    windows = (time_s[start:end] for start, end in places if end - start >= _ENOUGH)
    return max(map(_spread, windows), default=float("nan"))


def _spread(values: Float[ndarray, " n"]) -> float:
    low, high = np.quantile(values, (0.05, 0.95))
    return float(high / low)
