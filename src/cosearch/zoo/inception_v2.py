"""Inception v2 (Ioffe and Szegedy 2015) as released by slim: its stem is a separable 7x7."""

from __future__ import annotations

from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.zoo.branches import module
from cosearch.zoo.entry import Entry

_MULTIPLIER: Final = 8  # depthwise outputs per colour


def _module(plain: int, a: tuple[int, int], b: tuple[int, int], project: str) -> tuple[str, ...]:
    """1x1; 3x3 after 1x1; two 3x3 after 1x1; pool, then 1x1."""
    first = (f"1x1 {plain}", f"1x1 {a[0]} > 3x3 {a[1]}")
    return (*first, f"1x1 {b[0]} > 3x3 {b[1]} > 3x3 {b[1]}", project)


def _reduction(a: tuple[int, int], b: tuple[int, int]) -> tuple[str, ...]:
    second = f"1x1 {b[0]} > 3x3 {b[1]} > 3x3/2p {b[1]}"
    return (f"1x1 {a[0]} > 3x3/2p {a[1]}", second, "max/2p")


_MODULES: Final = (
    ("max/2p > 1x1 64 > 3x3 192 > max/2p",),
    _module(64, (64, 64), (64, 96), "avg > 1x1 32"),
    _module(64, (64, 96), (64, 96), "avg > 1x1 64"),
    _reduction((128, 160), (64, 96)),
    _module(224, (64, 96), (96, 128), "avg > 1x1 128"),
    _module(192, (96, 128), (96, 128), "avg > 1x1 128"),
    _module(160, (128, 160), (128, 160), "avg > 1x1 96"),
    _module(96, (128, 192), (160, 192), "avg > 1x1 96"),
    _reduction((128, 192), (192, 256)),
    _module(352, (192, 320), (160, 224), "avg > 1x1 128"),
    _module(352, (192, 320), (192, 224), "max > 1x1 128"),
)


def inception_v2(*, resolution: int = 224) -> Network:
    """The network without auxiliary heads."""
    net = Builder("inception-v2", (3, resolution, resolution))
    depthwise = partial(net.conv, groups=3, norm=False, bias=False)
    x = depthwise("input", 3 * _MULTIPLIER, "stem.depthwise", kernel=7, stride=2)
    x = net.conv(x, 64, "stem.pointwise", activation="relu")
    for i, branches in enumerate(_MODULES):
        x = module(net, x, branches, f"module{i}")
    net.linear(net.global_pool(x, "pool"), 1000, "classifier")
    return net.build()


_SOURCE: Final = "Ioffe and Szegedy 2015, arXiv 1502.03167; tensorflow/models, slim"

ENTRIES: Final[tuple[Entry, ...]] = (
    Entry("inception-v2", "inception", 224, _SOURCE, partial(inception_v2)),
)
