"""Residual blocks (He et al. 2016) and the inception module (Szegedy et al. 2015)."""

from __future__ import annotations

from cosearch.networks.blocks.same import same_pool
from cosearch.networks.builder import Builder


def basic_residual(
    net: Builder, source: str, channels: int, name: str, *, stride: int, activation: str = "relu"
) -> str:
    """Two 3x3 beside a shortcut; the activation follows the sum."""
    x = net.conv(source, channels, f"{name}.conv0", kernel=3, stride=stride, activation=activation)
    x = net.conv(x, channels, f"{name}.conv1", kernel=3)
    return _add(net, source, x, name, stride, activation)


def bottleneck_residual(
    net: Builder,
    source: str,
    channels: int,
    name: str,
    *,
    stride: int,
    narrowing: int = 4,
    activation: str = "relu",
) -> str:
    """1x1 down, 3x3, 1x1 up beside a shortcut; the 3x3 strides (called v1.5), not the 1x1."""
    width = channels // narrowing
    x = net.conv(source, width, f"{name}.conv0", activation=activation)
    x = net.conv(x, width, f"{name}.conv1", kernel=3, stride=stride, activation=activation)
    x = net.conv(x, channels, f"{name}.conv2")
    return _add(net, source, x, name, stride, activation)


def _add(net: Builder, source: str, x: str, name: str, stride: int, activation: str) -> str:
    """The shortcut is a 1x1 where the shape changes (option B)."""
    if net.shape(source) != net.shape(x):
        source = net.conv(source, net.shape(x)[0], f"{name}.shortcut", stride=stride)
    return net.add(x, source, name=f"{name}.add", activation=activation)


def inception(
    net: Builder,
    source: str,
    widths: tuple[int, int, int, int, int, int],
    name: str,
    *,
    large: int = 5,
    norm: bool = True,
) -> str:
    """Inception module of GoogLeNet: four branches, joined.

    `widths` are, as in the paper's table, 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5 and pool
    projection; `large` is the kernel of the branch the paper calls 5x5.
    """
    plain, reduce3, width3, reduce5, width5, project = widths

    def conv(x: str, channels: int, part: str, kernel: int = 1) -> str:
        return net.conv(x, channels, f"{name}.{part}", kernel=kernel, activation="relu", norm=norm)

    branches = (
        conv(source, plain, "plain"),
        conv(conv(source, reduce3, "reduce3"), width3, "conv3", 3),
        conv(conv(source, reduce5, "reduce5"), width5, "conv5", large),
        conv(same_pool(net, "max", source, f"{name}.pool", kernel=3), project, "project"),
    )
    return net.concat(branches, f"{name}.concat")
