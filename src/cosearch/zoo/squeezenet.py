"""SqueezeNet 1.0 and 1.1 (Iandola et al. 2016): fire modules, biases, no batch norm."""

from __future__ import annotations

from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.zoo.entry import Entry

# Width of the squeeze and of each half of the expansion; "pool" halves the size.
_FIRES: Final = (
    (16, 64),
    (16, 64),
    (32, 128),
    (32, 128),
    (48, 192),
    (48, 192),
    (64, 256),
    (64, 256),
)
# stem width, its kernel, fires before which a pool stands
_TABLE: Final = {"squeezenet-1.0": (96, 7, (0, 3, 7)), "squeezenet-1.1": (64, 3, (0, 2, 4))}


def squeezenet(name: str, *, resolution: int = 224) -> Network:
    """A row of the table; strided windows do not pad, and pools round up."""
    width, kernel, pooled = _TABLE[name]
    net = Builder(name, (3, resolution, resolution))
    conv = partial(net.conv, activation="relu", norm=False)
    x = conv("input", width, "stem", kernel=kernel, stride=2, pad=(0, 0))
    for i, (squeeze, expand) in enumerate(_FIRES):
        if i in pooled:
            x = _pool(net, x, f"pool{i}")
        x = conv(x, squeeze, f"fire{i}.squeeze")
        halves = (
            conv(x, expand, f"fire{i}.expand1"),
            conv(x, expand, f"fire{i}.expand3", kernel=3),
        )
        x = net.concat(halves, f"fire{i}.concat")
    x = net.global_pool(conv(x, 1000, "classifier"), "pool")
    net.reshape(x, (1000,), "classes")
    return net.build()


def _pool(net: Builder, source: str, name: str) -> str:
    """3x3 max pool of stride 2 without padding; the last window may be partial."""
    channels, *size = net.shape(source)
    return net.add_node(
        "max_pool",
        (source,),
        (channels, *(-(-(length - 3) // 2) + 1 for length in size)),
        name,
        kernel=(3, 3),
        stride=2,
        pad=(0, 0),
    )


_SOURCE: Final = "Iandola et al. 2016, arXiv 1602.07360; forresti/SqueezeNet; torchvision"

ENTRIES: Final[tuple[Entry, ...]] = tuple(
    Entry(name, "squeezenet", 224, _SOURCE, partial(squeezenet, name)) for name in _TABLE
)
