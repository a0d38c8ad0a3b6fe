"""DenseNet-121, -169 and -201 (Huang et al. 2017): every layer reads all layers of its block."""

from __future__ import annotations

from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.zoo.entry import Entry

_GROWTH: Final = 32  # channels that a layer adds
_DEPTHS: Final = {
    "densenet-121": (6, 12, 24, 16),
    "densenet-169": (6, 12, 32, 32),
    "densenet-201": (6, 12, 48, 32),
}


def densenet(name: str, *, resolution: int = 224) -> Network:
    """Blocks of bottleneck layers with a halving transition between two of them (DenseNet-BC)."""
    net = Builder(name, (3, resolution, resolution), norm_eps=1e-5)
    x = net.conv("input", 2 * _GROWTH, "stem", kernel=7, stride=2, activation="relu")
    x = net.pool("max", x, "stem.pool", kernel=3, stride=2)
    for i, depth in enumerate(_DEPTHS[name]):
        if i:
            x = _transition(net, x, f"transition{i}")
        for j in range(depth):
            x = _layer(net, x, f"block{i}.layer{j}")
    x = net.batch_norm(x, "norm", "relu")
    net.linear(net.global_pool(x, "pool"), 1000, "classifier")
    return net.build()


def _layer(net: Builder, source: str, name: str) -> str:
    x = net.batch_norm(source, f"{name}.norm", "relu")
    x = net.conv(x, 4 * _GROWTH, f"{name}.conv0", activation="relu")
    x = net.conv(x, _GROWTH, f"{name}.conv1", kernel=3, norm=False, bias=False)
    return net.concat((source, x), f"{name}.concat")


def _transition(net: Builder, source: str, name: str) -> str:
    x = net.batch_norm(source, f"{name}.norm", "relu")
    x = net.conv(x, net.shape(x)[0] // 2, f"{name}.conv", norm=False, bias=False)
    return net.pool("avg", x, f"{name}.pool", kernel=2, stride=2, pad=0)


_SOURCE: Final = "Huang et al. 2017, arXiv 1608.06993, table 1; torchvision"

ENTRIES: Final[tuple[Entry, ...]] = tuple(
    Entry(name, "densenet", 224, _SOURCE, partial(densenet, name)) for name in _DEPTHS
)
