"""Inception v3 (Szegedy et al. 2016), without its auxiliary head, which serves training only."""

from __future__ import annotations

from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.zoo.branches import module
from cosearch.zoo.entry import Entry

_STEM: Final = "3x3/2 32 > 3x3v 32 > 3x3 64 > max/2 > 1x1 80 > 3x3v 192 > max/2"


def _a(project: int) -> tuple[str, ...]:
    return ("1x1 64", "1x1 48 > 5x5 64", "1x1 64 > 3x3 96 > 3x3 96", f"avg > 1x1 {project}")


def _c(width: int) -> tuple[str, ...]:
    w = width
    return (
        "1x1 192",
        f"1x1 {w} > 1x7 {w} > 7x1 192",
        f"1x1 {w} > 7x1 {w} > 1x7 {w} > 7x1 {w} > 1x7 192",
        "avg > 1x1 192",
    )


_E: Final = (
    "1x1 320",
    "1x1 384 > 1x3 384 & 3x1 384",
    "1x1 448 > 3x3 384 > 1x3 384 & 3x1 384",
    "avg > 1x1 192",
)
_MODULES: Final = (
    _a(32),
    _a(64),
    _a(64),
    ("3x3/2 384", "1x1 64 > 3x3 96 > 3x3/2 96", "max/2"),
    _c(128),
    _c(160),
    _c(160),
    _c(192),
    ("1x1 192 > 3x3/2 320", "1x1 192 > 1x7 192 > 7x1 192 > 3x3/2 192", "max/2"),
    _E,
    _E,
)


def inception_v3(*, resolution: int = 299) -> Network:
    """The network for images of 299 pixels, or others from 75 up."""
    net = Builder("inception-v3", (3, resolution, resolution))
    x = module(net, "input", (_STEM,), "stem")
    for i, branches in enumerate(_MODULES):
        x = module(net, x, branches, f"module{i}")
    net.linear(net.global_pool(x, "pool"), 1000, "classifier")
    return net.build()


_SOURCE: Final = "Szegedy et al. 2016, arXiv 1512.00567; as released by slim and torchvision"

ENTRIES: Final[tuple[Entry, ...]] = (
    Entry("inception-v3", "inception", 299, _SOURCE, partial(inception_v3)),
)
