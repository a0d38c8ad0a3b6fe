"""The channels of a network that come and go together, and groups of them that are alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Int
from numpy import ndarray

from cosearch.deep.netadapt.flow import Ids, Links, follow, lean
from cosearch.networks import Network

MAKERS: Final = ("conv", "conv_transpose", "linear", "dense")  # operators that make channels


@dataclass(frozen=True)
class Group:
    """Classes of channels of which any number but all can go; all weigh alike on the cost.

    As in MobileNetV3's search, one is an expansion, or a bottleneck in all blocks that share it.
    """

    name: str  # the first operator that makes them
    makers: tuple[str, ...]
    classes: Int[ndarray, " n"]

    def __len__(self) -> int:
        return len(self.classes)


@dataclass(frozen=True)
class Channels:
    """`classes` holds, by node, the class of every element; it broadcasts to the node's shape."""

    network: Network
    classes: Mapping[str, Ids]
    fixed: int  # the class of what cannot be cut
    groups: tuple[Group, ...]

    def stays(self, node: str, axis: int, gone: Int[ndarray, " m"]) -> Bool[ndarray, " n"]:
        """Which places along an axis are left when the classes `gone` are."""
        ids, size = self.classes[node], self.network.by_name[node].shape[axis]
        if ids.shape[axis] == 1:  # nothing changes along it
            return np.ones(size, dtype=bool)
        return ~np.isin(ids.ravel(), gone)  # it changes along no other


def channels_of(network: Network) -> Channels:
    """Follow every channel; input, output, and what mixes channels in other ways, are fixed."""
    links = Links()
    ids: dict[str, Ids] = {}
    for node in network.nodes:
        shapes = [network.by_name[name].shape for name in node.inputs]
        ids[node.name] = follow(links, node, [ids[name] for name in node.inputs], shapes)
    links.fix(ids[network.nodes[-1].name], ids[network.nodes[0].name])
    numbers = links.classes()
    classes = {name: lean(numbers[found]) for name, found in ids.items()}
    fixed = int(numbers[0])
    return Channels(network, classes, fixed, _groups(network, classes, fixed))


def _groups(network: Network, classes: Mapping[str, Ids], fixed: int) -> tuple[Group, ...]:
    """Classes that are found equally often in the same tensors: any of them may go for another."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for name, ids in classes.items():
        for number, count in zip(*np.unique(ids, return_counts=True), strict=True):
            found[int(number)].append((name, int(count)))
    alike: dict[tuple[tuple[str, int], ...], list[int]] = defaultdict(list)
    for number, places in found.items():
        if number != fixed:
            alike[tuple(places)].append(number)
    return tuple(
        Group(makers[0], makers, np.array(numbers))
        for places, numbers in alike.items()
        if len(numbers) > 1
        for makers in [tuple(n for n, _ in places if network.by_name[n].op in MAKERS)]
    )
