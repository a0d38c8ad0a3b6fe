"""Cuts that make a network cheaper by as much as is asked for: one of each group of channels."""

from __future__ import annotations

from bisect import bisect_left
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

CostOf = Callable[[Network], float]

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
    cost_of: CostOf,
    at_most: float,
    *,
    multiple: int,
    norm: int,
) -> list[Cut]:
    """Of each group the smallest cut after which the network costs `at_most`.

    A group that cannot reach it alone proposes its largest cut, if that helps at all. Where no
    group helps by itself (costs may stand on stairs), all are cut by one place together.
    """
    now = cost_of(channels.network)
    found = []
    for group in channels.groups:
        if options := widths(len(group), multiple):
            scores = importance(module, channels, group, norm)
            by_width = [least(scores, group, kept) for kept in options]
            found.append(_of_group(channels, group, options, by_width, cost_of, at_most))
    helpful = [cut for cut in found if cut.cost < now]
    return helpful or _together(module, channels, cost_of, multiple, norm)


def _of_group(
    channels: Channels,
    group: Group,
    options: Sequence[int],
    gone: Sequence[Int[ndarray, " m"]],
    cost_of: CostOf,
    at_most: float,
) -> Cut:
    """By bisection: narrower is taken for cheaper, and what is found costs what it says."""
    costs: dict[int, float] = {}

    def cost(place: int) -> float:
        if place not in costs:
            costs[place] = cost_of(prune(channels, gone[place]))
        return costs[place]

    last = len(options) - 1
    place = bisect_left(range(last), True, key=lambda i: cost(i) <= at_most)
    return Cut(group.name, len(group), options[place], gone[place], cost(place))


def _together(
    module: GraphModule, channels: Channels, cost_of: CostOf, multiple: int, norm: int
) -> list[Cut]:
    """One cut of all groups by one place; none where none is left."""
    gone = [
        least(importance(module, channels, group, norm), group, options[0])
        for group in channels.groups
        if (options := widths(len(group), multiple))
    ]
    if not gone:
        return []
    classes = np.concatenate(gone)
    total = sum(map(len, channels.groups))
    cost = cost_of(prune(channels, classes))
    return [Cut(EVERYTHING, total, total - len(classes), classes, cost)]


def smallest(network: Network, channels: Channels, *, multiple: int) -> Network:
    """Every group as narrow as it can be."""
    gone = [
        group.classes[options[-1] :]
        for group in channels.groups
        if (options := widths(len(group), multiple))
    ]
    return prune(channels, np.concatenate(gone)) if gone else network
