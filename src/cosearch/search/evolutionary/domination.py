"""Fronts under constrained domination, and how crowded they are (Deb et al., IEEE TEC 2002)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray


def fronts(
    losses: Float[ndarray, "n m"], violations: Float[ndarray, " n"], *, enough: int | None = None
) -> Int[ndarray, " n"]:
    """Front of each design, 0 the best. Designs that meet the limits come first, by domination.

    Among the others less violation dominates, which is an order: equal violations share a front.
    Once `enough` designs are sorted, those left that meet the limits share one more front.
    """
    meets = violations <= 0
    out = np.empty(len(losses), dtype=np.int64)
    out[meets] = _peel(dominates(losses[meets]), len(losses) if enough is None else enough)
    first = out[meets].max() + 1 if meets.any() else 0
    out[~meets] = first + np.unique(violations[~meets], return_inverse=True)[1]
    return out


def dominates(losses: Float[ndarray, "n m"]) -> Bool[ndarray, "n n"]:
    """Whether row i is nowhere worse than row j and somewhere better; O(m n^2)."""
    no_worse = np.ones((len(losses), len(losses)), dtype=bool)
    for column in losses.T:
        no_worse &= column[:, None] <= column
    return no_worse & ~no_worse.T


def _peel(beats: Bool[ndarray, "n n"], enough: int) -> Int[ndarray, " n"]:
    """Take away the undominated, again and again."""
    out = np.zeros(len(beats), dtype=np.int64)
    above = beats.sum(axis=0)  # how many of those left dominate each; -1: gone
    left, front = len(beats), 0
    while left:
        members = np.flatnonzero(above == 0)
        if len(beats) - left >= enough:
            members = np.flatnonzero(above >= 0)
        out[members] = front
        above -= beats[members].sum(axis=0)
        above[members] = -1
        left -= len(members)
        front += 1
    return out


def crowding(losses: Float[ndarray, "n m"], front: Int[ndarray, " n"]) -> Float[ndarray, " n"]:
    """Distance between each design's neighbours on its front, over all objectives.

    Each objective is scaled by the front's range; inf at the ends. An infinite loss counts as
    the largest finite one.
    """
    total = np.zeros(len(losses))
    for column in losses.T:
        finite = np.isfinite(column)
        column = np.where(finite, column, column[finite].max() if finite.any() else 0.0)
        order = np.lexsort((column, front))
        total[order] += _gaps(column[order], front[order])
    return total


def _gaps(column: Float[ndarray, " n"], front: Int[ndarray, " n"]) -> Float[ndarray, " n"]:
    """From the neighbour before to the neighbour behind; rows are sorted by front and value."""
    starts = np.flatnonzero(np.r_[True, front[1:] != front[:-1]]) if len(front) else front
    lengths = np.diff(np.r_[starts, len(front)])
    ends = starts + lengths - 1
    span = np.repeat(column[ends] - column[starts], lengths)
    gaps = np.zeros(len(column))
    gaps[1:-1] = column[2:] - column[:-2]
    gaps = gaps / np.where(span > 0, span, 1.0)
    gaps[starts] = gaps[ends] = np.inf
    return gaps
