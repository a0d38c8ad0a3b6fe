"""GoogLeNet (Szegedy et al. 2015): as in the paper, and as released with batch norm."""

from __future__ import annotations

from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.networks.blocks.residual import inception
from cosearch.networks.blocks.same import same_pool
from cosearch.zoo.entry import Entry

# Per stage, widths of the modules: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection.
_STAGES: Final = (
    ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)),
    (
        (192, 96, 208, 16, 48, 64),
        (160, 112, 224, 24, 64, 64),
        (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64),
        (256, 160, 320, 32, 128, 128),
    ),
    ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)),
)


def googlenet(
    name: str, *, norm: bool, large: int, last_pool: int, resolution: int = 224
) -> Network:
    """The network without its two auxiliary heads, which serve training only.

    `large` is the kernel of the branches the paper calls 5x5, `last_pool` of the last max pool.
    Local response normalisation of the paper has no weights or multiply-accumulates in matrix
    form, and is left out.
    """
    net = Builder(name, (3, resolution, resolution))
    conv = partial(net.conv, activation="relu", norm=norm)
    x = conv("input", 64, "stem.conv0", kernel=7, stride=2)
    x = same_pool(net, "max", x, "stem.pool0", kernel=3, stride=2)
    x = conv(x, 64, "stem.conv1")
    x = conv(x, 192, "stem.conv2", kernel=3)
    for i, modules in enumerate(_STAGES):
        kernel = last_pool if modules is _STAGES[-1] else 3
        x = same_pool(net, "max", x, f"stage{i}.pool", kernel=kernel, stride=2)
        for j, widths in enumerate(modules):
            x = inception(net, x, widths, f"stage{i}.block{j}", large=large, norm=norm)
    net.linear(net.global_pool(x, "pool"), 1000, "classifier")
    return net.build()


_PAPER: Final = "Szegedy et al. 2015, arXiv 1409.4842"

ENTRIES: Final[tuple[Entry, ...]] = (
    Entry(
        "googlenet",
        "inception",
        224,
        f"{_PAPER}, table 1: 5x5 branches, biases, no batch norm",
        partial(googlenet, "googlenet", norm=False, large=5, last_pool=3),
    ),
    Entry(
        "inception-v1",
        "inception",
        224,
        f"{_PAPER}; as released by slim and torchvision: batch norm, 3x3 for the 5x5 branches",
        partial(googlenet, "inception-v1", norm=True, large=3, last_pool=2),
    ),
)
