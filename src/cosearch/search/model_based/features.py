"""What a regressor sees of a design: numbers for ordered knobs, one-hot columns for the others."""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.space import Knob, Space

_SAME: Final = 1e-9


class Features:
    """Genomes (n, d) -> columns (n, f), all within 0 to 1.

    A numeric knob gives its scaled index and, if that differs, the scaled logarithm of its value:
    the time and the area of a chip are products of its sizes, sums of their logarithms. A knob of
    words gives one column per choice. A gated knob gives also whether it counts, and 0 elsewhere.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        columns = [(i, column) for i, knob in enumerate(space.knobs) for column in _columns(knob)]
        columns = columns or [(0, np.zeros(1))]  # a space of one design: a regressor wants a column
        self._knob = np.array([i for i, _ in columns])
        self.groups = _groups(space, self._knob)  # columns that one length scale fits
        self._table = np.zeros((len(columns), max(len(values) for _, values in columns)))
        for row, (_, values) in zip(self._table, columns, strict=True):
            row[: len(values)] = values

    def __call__(self, genomes: Int[ndarray, "n d"]) -> Float[ndarray, "n f"]:
        """The columns of these designs."""
        values = self._table[np.arange(len(self._knob)), genomes[:, self._knob]]
        return np.where(self.space.active(genomes)[:, self._knob], values, 0.0)


def _groups(space: Space, knobs: Int[ndarray, " f"]) -> Int[ndarray, " f"]:
    """Numbers of groups, from 0: the columns of a knob of words are one, others stand alone."""
    alone = np.array([not is_words(space.knobs[i]) for i in knobs])
    return np.cumsum(alone | (np.diff(knobs, prepend=-1) > 0)) - 1


def is_words(knob: Knob) -> bool:
    """Whether the order of its choices means nothing."""
    return any(type(value) not in (int, float) for value in knob.choices)


def _columns(knob: Knob) -> list[Float[ndarray, " c"]]:
    """The value of each column of one knob, per choice."""
    n = len(knob.choices)
    counts = [np.ones(n)] if knob.when else []
    if n == 1:
        return counts
    values = np.array([value for value in knob.choices if type(value) in (int, float)], dtype=float)
    if len(values) < n:
        return [*counts, *(np.eye(n) if n > 2 else np.eye(n)[1:])]
    index = np.linspace(0.0, 1.0, n)
    if (values <= 0).any():
        return [*counts, index]
    log = np.log(values)
    log = (log - log.min()) / np.ptp(log)
    return [*counts, index] if np.abs(log - index).max() < _SAME else [*counts, index, log]
