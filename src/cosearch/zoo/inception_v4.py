"""Inception v4 and Inception-ResNet v2 (Szegedy et al. 2017)."""

from __future__ import annotations

from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.zoo.branches import module
from cosearch.zoo.entry import Entry

Branches = tuple[str, ...]

_A: Final = ("1x1 96", "1x1 64 > 3x3 96", "1x1 64 > 3x3 96 > 3x3 96", "avg > 1x1 96")
_B: Final = (
    "1x1 384",
    "1x1 192 > 1x7 224 > 7x1 256",
    "1x1 192 > 7x1 192 > 1x7 224 > 7x1 224 > 1x7 256",
    "avg > 1x1 128",
)
_C: Final = (
    "1x1 256",
    "1x1 384 > 1x3 256 & 3x1 256",
    "1x1 384 > 3x1 448 > 1x3 512 > 1x3 256 & 3x1 256",
    "avg > 1x1 256",
)
_V4: Final[tuple[Branches, ...]] = (
    ("3x3/2 32 > 3x3v 32 > 3x3 64",),
    ("max/2", "3x3/2 96"),
    ("1x1 64 > 3x3v 96", "1x1 64 > 1x7 64 > 7x1 64 > 3x3v 96"),
    ("3x3/2 192", "max/2"),
    *[_A] * 4,
    ("3x3/2 384", "1x1 192 > 3x3 224 > 3x3/2 256", "max/2"),
    *[_B] * 7,
    ("1x1 192 > 3x3/2 192", "1x1 256 > 1x7 256 > 7x1 320 > 3x3/2 320", "max/2"),
    *[_C] * 3,
)

# Each residual stage: what comes before it, its branches, repeats, factor of its branches.
_RESIDUAL: Final[tuple[tuple[tuple[Branches, ...], Branches, int, float], ...]] = (
    (
        (
            ("3x3/2 32 > 3x3v 32 > 3x3 64 > max/2 > 1x1 80 > 3x3v 192 > max/2",),
            ("1x1 96", "1x1 48 > 5x5 64", "1x1 64 > 3x3 96 > 3x3 96", "avg > 1x1 64"),
        ),
        ("1x1 32", "1x1 32 > 3x3 32", "1x1 32 > 3x3 48 > 3x3 64"),
        10,
        0.17,
    ),
    (
        (("3x3/2 384", "1x1 256 > 3x3 256 > 3x3/2 384", "max/2"),),
        ("1x1 192", "1x1 128 > 1x7 160 > 7x1 192"),
        20,
        0.10,
    ),
    (
        (("1x1 256 > 3x3/2 384", "1x1 256 > 3x3/2 288", "1x1 256 > 3x3 288 > 3x3/2 320", "max/2"),),
        ("1x1 192", "1x1 192 > 1x3 224 > 3x1 256"),
        10,
        0.20,
    ),
)


def inception_v4(*, resolution: int = 299) -> Network:
    """The network for images of 299 pixels, or others from 75 up."""
    net = Builder("inception-v4", (3, resolution, resolution))
    x = "input"
    for i, branches in enumerate(_V4):
        x = module(net, x, branches, f"module{i}")
    net.linear(net.global_pool(x, "pool"), 1000, "classifier")
    return net.build()


def inception_resnet_v2(*, resolution: int = 299) -> Network:
    """As released by slim: the last block is neither scaled nor activated."""
    net = Builder("inception-resnet-v2", (3, resolution, resolution))
    x = "input"
    for i, (before, branches, repeats, factor) in enumerate(_RESIDUAL):
        for j, widening in enumerate(before):
            x = module(net, x, widening, f"stage{i}.module{j}")
        for j in range(repeats):
            last = i == len(_RESIDUAL) - 1 and j == repeats - 1
            x = _residual(net, x, branches, f"stage{i}.block{j}", 1.0 if last else factor)
    x = net.conv(x, 1536, "head", activation="relu")
    net.linear(net.global_pool(x, "pool"), 1000, "classifier")
    return net.build()


def _residual(net: Builder, source: str, branches: Branches, name: str, factor: float) -> str:
    """The branches, joined, back to the input's width by a 1x1 with bias, scaled and added."""
    x = module(net, source, branches, name)
    x = net.conv(x, net.shape(source)[0], f"{name}.up", norm=False)
    if factor == 1:
        return net.add(source, x, name=f"{name}.add")
    x = net.scale(x, factor, f"{name}.scale")
    return net.add(source, x, name=f"{name}.add", activation="relu")


_SOURCE: Final = "Szegedy et al. 2017, arXiv 1602.07261; as released by slim, and in timm"

ENTRIES: Final[tuple[Entry, ...]] = (
    Entry("inception-v4", "inception", 299, _SOURCE, partial(inception_v4)),
    Entry("inception-resnet-v2", "inception", 299, _SOURCE, partial(inception_resnet_v2)),
)
