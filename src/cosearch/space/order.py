"""Designs in sorted order: each once, without counting through what conditions switch off."""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.space.space import Space

_MOST: Final = 100_000_000  # indices at once


def every(space: Space) -> Int[ndarray, "n d"]:
    """All canonical genomes, sorted, n being the space's size.

    Raises `CosearchError` where they would take more than 800 MB.
    """
    most = _MOST // max(len(space), 1)
    if space.size > most:
        raise CosearchError(f"space of {space.size:,} designs: at most {most:,} can be listed")
    return following(space, np.zeros(len(space), dtype=np.int64), space.size)


def following(space: Space, first: Int[ndarray, " d"], n: int) -> Int[ndarray, "k d"]:
    """Up to `n` canonical genomes in sorted order from `first` (canonical) on.

    Knob by knob, sorted prefixes branch into their choices, one where the knob is switched off.
    Every prefix has an end, so `n` prefixes are always enough.
    """
    rows = np.zeros((1, len(space)), dtype=np.int64)
    for i, knob in enumerate(space.knobs):
        choices = len(knob.choices)
        counts = np.full(len(rows), choices)
        if knob.when:
            counts = np.where(space.active(rows)[:, i], choices, 1)
        skipped = first[i]  # only of the first prefix, which is that of `first`
        counts[0] -= skipped
        which = np.repeat(np.arange(len(rows)), counts)[:n]
        starts = np.cumsum(counts) - counts
        rows = rows[which]
        rows[:, i] = np.arange(len(which)) - starts[which] + np.where(which == 0, skipped, 0)
    return rows
