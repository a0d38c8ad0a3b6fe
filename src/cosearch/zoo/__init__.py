"""The networks of the literature by name, exact. `ZOO` holds them all."""

from collections.abc import Mapping
from typing import Final

from cosearch.errors import unknown
from cosearch.networks import Network
from cosearch.zoo import (
    efficientnet,
    efficientnet_x,
    fbnet,
    inception,
    mnasnet,
    mobiledet,
    mobilenet,
    mobilenet_v3,
    nasbench,
    nasnet,
    proxylessnas,
    resnet,
    spos,
    vit,
)
from cosearch.zoo.entry import Entry

_ENTRIES: Final[tuple[Entry, ...]] = (
    *mobilenet.ENTRIES,
    *mobilenet_v3.ENTRIES,
    *mnasnet.ENTRIES,
    *efficientnet.ENTRIES,
    *efficientnet_x.ENTRIES,
    *proxylessnas.ENTRIES,
    *mobiledet.ENTRIES,
    *fbnet.ENTRIES,
    *nasnet.ENTRIES,
    *spos.ENTRIES,
    *resnet.ENTRIES,
    *inception.ENTRIES,
    *vit.ENTRIES,
    *nasbench.ENTRIES,
)

ZOO: Final[Mapping[str, Entry]] = {entry.name: entry for entry in _ENTRIES}


def find_network(name: str) -> Network:
    """Build a network by name; `CosearchError` with the nearest names if there is none."""
    if name not in ZOO:
        raise unknown("network", name, ZOO)
    return ZOO[name].build()


__all__ = ["ZOO", "Entry", "find_network"]
