"""VGG-16 and -19 (Simonyan and Zisserman 2015): 3x3 convolutions with biases, no batch norm."""

from __future__ import annotations

from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.zoo.entry import Entry

_WIDTHS: Final = (64, 128, 256, 512, 512)
_DEPTHS: Final = {"vgg-16": (2, 2, 3, 3, 3), "vgg-19": (2, 2, 4, 4, 4)}


def vgg(name: str, *, resolution: int = 224) -> Network:
    """Five stages of 3x3 convolutions, each halved by a max pool; three fully connected layers."""
    net = Builder(name, (3, resolution, resolution))
    x = "input"
    for i, (width, depth) in enumerate(zip(_WIDTHS, _DEPTHS[name], strict=True)):
        for j in range(depth):
            x = net.conv(x, width, f"stage{i}.conv{j}", kernel=3, activation="relu", norm=False)
        x = net.pool("max", x, f"stage{i}.pool", kernel=2, stride=2, pad=0)
    x = net.linear(x, 4096, "features0", "relu")
    net.linear(net.linear(x, 4096, "features1", "relu"), 1000, "classifier")
    return net.build()


_SOURCE: Final = "Simonyan and Zisserman 2015, arXiv 1409.1556, table 1, columns D and E"

ENTRIES: Final[tuple[Entry, ...]] = tuple(
    Entry(name, "vgg", 224, _SOURCE, partial(vgg, name)) for name in _DEPTHS
)
