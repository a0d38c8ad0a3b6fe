"""Cuts that make a network cheaper by as much as is asked for: one of each group of channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.deep.module import GraphModule
from cosearch.deep.netadapt.channels import Channels, Group
from cosearch.deep.netadapt.importance import importance, least
from cosearch.deep.netadapt.prune import prune
from cosearch.networks import Network

CostsOf = Callable[[Sequence[Network]], Sequence[float]]  # of several: asked together

EVERYTHING: Final = "every group"


@dataclass(frozen=True)
class Cut:
    """The classes `gone` of a group, of which `after` stay; what the network then costs."""

    group: str
    before: int
    after: int
    gone: Int[ndarray, " m"]
    cost: float


def widths(count: int, multiple: int) -> list[int]:
    """To what `count` alike can be cut, most first: multiples, and never nothing."""
    return list(range((count - 1) // multiple * multiple, 0, -multiple))


def cuts(
    module: GraphModule,
    channels: Channels,
    costs_of: CostsOf,
    at_most: float,
    *,
    multiple: int,
    norm: int,
) -> list[Cut]:
    """Of each group the smallest cut after which the network costs `at_most`.

    A group that cannot reach it alone proposes its largest cut, if that helps at all. Where no
    group helps by itself (costs may stand on stairs), all are cut by one place together.
    """
    (now,) = costs_of([channels.network])
    ways = [
        Ways(group, options, _gone(module, channels, group, options, norm))
        for group in channels.groups
        if (options := widths(len(group), multiple))
    ]
    found = _bisected(channels, ways, costs_of, at_most)
    helpful = [cut for cut in found if cut.cost < now]
    return helpful or _together(channels, ways, costs_of)


@dataclass(frozen=True)
class Ways:
    """How a group can be cut, least first: to so many, by these classes."""

    group: Group
    options: Sequence[int]
    gone: Sequence[Int[ndarray, " m"]]


def _gone(
    module: GraphModule, channels: Channels, group: Group, options: Sequence[int], norm: int
) -> list[Int[ndarray, " m"]]:
    scores = importance(module, channels, group, norm)
    return [least(scores, group, kept) for kept in options]


def _bisected(
    channels: Channels, ways: Sequence[Ways], costs_of: CostsOf, at_most: float
) -> list[Cut]:
    """Of all groups at once: narrower is taken for cheaper, and what is found costs what it says.

    Each round asks for one width of every group, so that what must be measured is so in one go.
    """
    costs: dict[tuple[int, int], float] = {}

    def ask(places: Sequence[tuple[int, int]]) -> None:
        new = [place for place in places if place not in costs]
        networks = [prune(channels, ways[i].gone[place]) for i, place in new]
        costs.update(zip(new, costs_of(networks) if new else (), strict=True))

    low, high = [0] * len(ways), [len(each.options) - 1 for each in ways]
    while open_ := [i for i in range(len(ways)) if low[i] < high[i]]:
        middle = {i: (low[i] + high[i]) // 2 for i in open_}
        ask(list(middle.items()))
        for i, place in middle.items():
            enough = costs[i, place] <= at_most
            low[i], high[i] = (low[i], place) if enough else (place + 1, high[i])
    ask(list(enumerate(low)))
    return [
        Cut(way.group.name, len(way.group), way.options[at], way.gone[at], costs[i, at])
        for i, (way, at) in enumerate(zip(ways, low, strict=True))
    ]


def _together(channels: Channels, ways: Sequence[Ways], costs_of: CostsOf) -> list[Cut]:
    """One cut of all groups by one place; none where none is left."""
    if not ways:
        return []
    classes = np.concatenate([way.gone[0] for way in ways])
    total = sum(map(len, channels.groups))
    (cost,) = costs_of([prune(channels, classes)])
    return [Cut(EVERYTHING, total, total - len(classes), classes, cost)]


def smallest(network: Network, channels: Channels, *, multiple: int) -> Network:
    """Every group as narrow as it can be."""
    gone = [
        group.classes[options[-1] :]
        for group in channels.groups
        if (options := widths(len(group), multiple))
    ]
    return prune(channels, np.concatenate(gone)) if gone else network
