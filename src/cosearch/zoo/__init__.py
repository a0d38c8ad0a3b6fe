"""The networks of the literature by name, exact. `ZOO` holds them all."""

from collections.abc import Mapping
from typing import Final

from cosearch.errors import CosearchError, unknown
from cosearch.networks import Network
from cosearch.zoo import (
    densenet,
    efficientnet,
    efficientnet_x,
    fbnet,
    inception,
    inception_v2,
    inception_v3,
    inception_v4,
    mnasnet,
    mobiledet,
    mobilenet,
    mobilenet_v3,
    nasbench,
    nasnet,
    proxylessnas,
    resnet,
    resnet_v2,
    spos,
    squeezenet,
    ssd,
    unet,
    vgg,
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
    *resnet_v2.ENTRIES,
    *densenet.ENTRIES,
    *vgg.ENTRIES,
    *squeezenet.ENTRIES,
    *inception.ENTRIES,
    *inception_v2.ENTRIES,
    *inception_v3.ENTRIES,
    *inception_v4.ENTRIES,
    *ssd.ENTRIES,
    *unet.ENTRIES,
    *vit.ENTRIES,
    *nasbench.ENTRIES,
)

ZOO: Final[Mapping[str, Entry]] = {entry.name: entry for entry in _ENTRIES}


def find_network(name: str) -> Network:
    """Build a network by name, "mobilenet-v1-0.25@128" for images of 128 pixels.

    Underscores are hyphens, and a name without its width has width 1: "mobilenet_v2" is
    "mobilenet-v2-1.0". `CosearchError` with the nearest names if there is none.
    """
    base, at, pixels = name.partition("@")
    hyphened = base.replace("_", "-")
    known = next((each for each in (base, hyphened, f"{hyphened}-1.0") if each in ZOO), None)
    if known is None:
        raise unknown("network", base, ZOO)
    if not at:
        return ZOO[known].build()
    if not pixels.isdecimal() or not 1 <= int(pixels) <= 8192:
        raise CosearchError(f"network {name}: needs the form NAME@PIXELS, with 1 to 8192 pixels")
    return ZOO[known].at(int(pixels))


__all__ = ["ZOO", "Entry", "find_network"]
