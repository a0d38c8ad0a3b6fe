"""Which channels of shared tensors are the same channel, and which may change places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int
from numpy import ndarray

from cosearch.deep.netadapt.flow import Ids, lean
from cosearch.deep.supernet.channel_walk import Axis, Walk
from cosearch.deep.supernet.operators import Operators
from cosearch.deep.supernet.sharing import Sharing

Classes = Int[ndarray, " n"]


@dataclass(frozen=True)
class SharedChannels:
    """`places` has the class of each channel along an axis. Channels of one class go together.

    Classes of a group may change places with each other; they are in the order of their places.
    """

    places: Mapping[Axis, Classes]
    groups: tuple[Classes, ...]


def shared_channels(
    sharing: Sharing, sizes: Mapping[str, torch.Size], affine: bool
) -> SharedChannels:
    """Of a chain's shared tensors, whose `sizes` are given by name.

    What mixes channels in a way of its own, deals them out in groups, or is not used whole by the
    widest networks, is in no group.
    """
    walk = Walk(sharing, sizes, Operators(affine))
    walk.go()
    classes = walk.links.classes()
    places = {at: classes[ids] for at, ids in walk.places.items()}
    tensors = [lean(classes[ids]) for ids in walk.tensors]
    return SharedChannels(places, tuple(_groups(list(places.values()), tensors, int(classes[0]))))


def _groups(axes: list[Classes], tensors: list[Ids], fixed: int) -> Iterator[Classes]:
    """Classes that are found once each in the same tensors."""
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for each, numbers in _found([*axes, *tensors], fixed).items():
        if numbers[0] < len(axes):  # axes are first: some weight has it
            alike[tuple(numbers)].append(each)
    for places, classes in alike.items():
        if len(classes) > 1:
            line = axes[places[0]]
            yield line[np.isin(line, classes)]


def _found(tensors: list[Ids], fixed: int) -> dict[int, list[int]]:
    """Where each class is found; without those that are fixed, or twice in one tensor."""
    found: dict[int, list[int]] = defaultdict(list)
    left_out = {fixed}
    for number, ids in enumerate(tensors):
        unique, counts = np.unique(ids, return_counts=True)
        left_out.update(unique[counts > 1].tolist())
        for each in unique.tolist():
            found[each].append(number)
    return {each: numbers for each, numbers in found.items() if each not in left_out}
