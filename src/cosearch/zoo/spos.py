"""ShuffleNetV2, and the network Single Path One-Shot found among its units."""

from __future__ import annotations

from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.networks.blocks.shuffle import shuffle_unit, shuffle_xception
from cosearch.zoo.entry import Entry

NORM_EPS: Final = 1e-5  # PyTorch's

# ---- SPOS

STAGES: Final = ((64, 4), (160, 4), (320, 8), (640, 4))  # channels, blocks; each strides first
STEM: Final = 16
HEAD: Final = 1024
CHOICES: Final = ("k3", "k5", "k7", "xception")
RELEASED: Final = (2, 1, 0, 1, 2, 0, 2, 0, 2, 0, 2, 3, 0, 0, 0, 0, 3, 2, 3, 3)


def spos(name: str, choices: tuple[int, ...]) -> Network:
    """The network of 20 indices into `CHOICES`.

    The released one has 3.56 M parameters, which its page cuts to 3.5 M.
    """
    net = Builder(name, (3, 224, 224), norm_eps=NORM_EPS)
    x = stem(net, "input")
    remaining = iter(choices)
    for i, (channels, blocks) in enumerate(STAGES):
        for j in range(blocks):
            choice = CHOICES[next(remaining)]
            x = unit(net, x, channels, f"stage{i}.block{j}", 1 if j else 2, choice)
    head(net, x)
    return net.build()


def stem(net: Builder, source: str, *, width: int = STEM, stride: int = 2) -> str:
    """The first convolution."""
    return net.conv(source, width, "stem", kernel=3, stride=stride, activation="relu")


def unit(net: Builder, source: str, channels: int, name: str, stride: int, choice: str) -> str:
    """One of `CHOICES`."""
    if choice == "xception":
        return shuffle_xception(net, source, channels, name, stride=stride)
    return shuffle_unit(net, source, channels, name, kernel=int(choice[1:]), stride=stride)


def head(net: Builder, source: str, *, classes: int = 1000, width: int = HEAD) -> str:
    """1x1, mean, classifier without bias."""
    x = net.conv(source, width, "head", activation="relu")
    return net.linear(net.global_pool(x, "pool"), classes, "classifier", bias=False)


# ---- ShuffleNetV2

_SHUFFLENET_STEM: Final = 24
_SHUFFLENET_BLOCKS: Final = (4, 8, 4)
_SHUFFLENET_WIDTHS: Final = {
    "0.5": (48, 96, 192, 1024),
    "1.0": (116, 232, 464, 1024),
    "1.5": (176, 352, 704, 1024),
    "2.0": (244, 488, 976, 2048),
}


def shufflenet_v2(multiplier: str) -> Network:
    """ShuffleNetV2 of a width multiplier, as its authors release it.

    A strided unit passes all its input channels on and its branch fills up, where torchvision
    makes both halves equal (2.28 M parameters of 1.0 are then 1,156 fewer). The paper's 41 M
    multiply-accumulates of 0.5 are 40.5 M.
    """
    *stages, last = _SHUFFLENET_WIDTHS[multiplier]
    net = Builder(f"shufflenet-v2-{multiplier}", (3, 224, 224), norm_eps=NORM_EPS)
    x = net.conv("input", _SHUFFLENET_STEM, "stem", kernel=3, stride=2, activation="relu")
    x = net.pool("max", x, "stem.pool", kernel=3, stride=2)
    for i, (channels, blocks) in enumerate(zip(stages, _SHUFFLENET_BLOCKS, strict=True)):
        for j in range(blocks):
            x = shuffle_unit(net, x, channels, f"stage{i}.block{j}", kernel=3, stride=1 if j else 2)
    x = net.conv(x, last, "head", activation="relu")
    net.linear(net.global_pool(x, "pool"), 1000, "classifier")
    return net.build()


ENTRIES: Final[tuple[Entry, ...]] = (
    Entry(
        "spos",
        "spos",
        224,
        "Guo et al. 2020, arXiv 1904.00420; megvii-model/SinglePathOneShot",
        partial(spos, "spos", RELEASED),
    ),
    *(
        Entry(
            f"shufflenet-v2-{multiplier}",
            "shufflenet-v2",
            224,
            "Ma et al. 2018, arXiv 1807.11164",
            partial(shufflenet_v2, multiplier),
        )
        for multiplier in _SHUFFLENET_WIDTHS
    ),
)
