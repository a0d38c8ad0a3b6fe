"""What a search hopes of each edge, from what it hopes of knobs or of places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.families.places import Place, places_of
from cosearch.problem.paths.graph import OFF
from cosearch.problem.paths.table import PathTable

Per = Literal["knob", "place", "edge"]
Scores = Sequence[ndarray]
EdgeScores = tuple[Float[ndarray, "_"], ...]
FORBIDDEN: Final = -np.inf


def edge_scores(table: PathTable, scores: Scores | None, per: Per = "knob") -> EdgeScores:
    """The score of each edge: the sum over the knobs decided there that count.

    `scores` has one array per knob, a number per choice; or one per place of `places_of`, a
    number per option; or is of edges already; None scores all alike. -inf forbids a choice.
    Raises `CosearchError` for wrong sizes, NaN and inf.
    """
    if scores is None:
        return tuple(np.zeros(len(level.source)) for level in table.graph.levels)
    arrays = [np.asarray(array, dtype=float) for array in scores]
    if per == "edge":
        return tuple(arrays)
    if per == "place":
        places = places_of(table.chain)
        _check(arrays, [place.slot for place in places], [len(p.options) for p in places])
        return _by_place(table, arrays, places)
    knobs = table.graph.space.knobs
    _check(arrays, [knob.name for knob in knobs], [len(knob.choices) for knob in knobs])
    return _by_knob(table, arrays)


def _check(arrays: list[ndarray], names: list[str], sizes: list[int]) -> None:
    if len(arrays) != len(sizes):
        raise CosearchError(f"{len(arrays)} arrays of scores: {len(sizes)} are needed")
    for array, name, size in zip(arrays, names, sizes, strict=True):
        if array.shape != (size,):
            raise CosearchError(f"scores of {name!r} of shape {array.shape}: ({size},) is needed")
        if np.isnan(array).any() or (array == np.inf).any():
            raise CosearchError(f"scores of {name!r}: {array[~(array < np.inf)][0]} is no score")


def _by_knob(table: PathTable, arrays: list[ndarray]) -> EdgeScores:
    found = []
    for level in table.graph.levels:
        total = np.zeros(len(level.source))
        for column, values in zip(level.columns, level.values.T, strict=True):
            total += np.where(values == OFF, 0.0, arrays[column][values])
        found.append(total)
    return tuple(found)


def _by_place(table: PathTable, arrays: list[ndarray], places: tuple[Place, ...]) -> EdgeScores:
    found = [np.zeros(len(level.source)) for level in table.graph.levels]
    for place, array in zip(places, arrays, strict=True):
        at, option = table.place(place)
        found[at] += array[option]
    return tuple(found)
