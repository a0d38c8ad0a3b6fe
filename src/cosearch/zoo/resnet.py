"""ResNet-18, -34 and -50 in the v1.5 form of torchvision and timm: the bottleneck's 3x3 strides."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.networks.blocks.residual import basic_residual, bottleneck_residual
from cosearch.zoo.entry import Entry

_WIDTHS: Final = (64, 128, 256, 512)
_TABLE: Final[dict[str, tuple[Callable[..., str], int, tuple[int, ...]]]] = {
    # block, output over width, blocks per stage
    "resnet-18": (basic_residual, 1, (2, 2, 2, 2)),
    "resnet-34": (basic_residual, 1, (3, 4, 6, 3)),
    "resnet-50": (bottleneck_residual, 4, (3, 4, 6, 3)),
}


def resnet(name: str, *, resolution: int = 224) -> Network:
    """A row of the table. The first stage keeps the size: the stem has quartered it."""
    block, expansion, depths = _TABLE[name]
    net = Builder(name, (3, resolution, resolution), norm_eps=1e-5)
    x = net.conv("input", 64, "stem", kernel=7, stride=2, activation="relu")
    x = net.pool("max", x, "stem.pool", kernel=3, stride=2)
    for i, (width, depth) in enumerate(zip(_WIDTHS, depths, strict=True)):
        for j in range(depth):
            stride = 2 if i and not j else 1
            x = block(net, x, width * expansion, f"stage{i}.block{j}", stride=stride)
    net.linear(net.global_pool(x, "pool"), 1000, "classifier")
    return net.build()


_SOURCE: Final = "He et al. 2016, arXiv 1512.03385; torchvision, timm"

ENTRIES: Final[tuple[Entry, ...]] = tuple(
    Entry(name, "resnet", 224, _SOURCE, partial(resnet, name)) for name in _TABLE
)
