"""Blocks of the literature, each described once: torch, cost rows and ONNX all come from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cosearch.networks.builder import Builder


def inverted_bottleneck(
    net: Builder,
    source: str,
    channels: int,
    name: str,
    *,
    kernel: int,
    expansion: int,
    stride: int,
    activation: str,
) -> str:
    """IBN / MBConv (MobileNetV2, Sandler et al. 2018): 1x1 expand, depthwise, 1x1 project."""
    hidden = net.shape(source)[0] * expansion
    x = net.conv(source, hidden, f"{name}.expand", activation=activation)
    x = net.conv(
        x,
        hidden,
        f"{name}.depthwise",
        kernel=kernel,
        stride=stride,
        groups=hidden,
        activation=activation,
    )
    x = net.conv(x, channels, f"{name}.project")
    return _residual(net, source, x, name, stride)


def fused_inverted_bottleneck(
    net: Builder,
    source: str,
    channels: int,
    name: str,
    *,
    kernel: int,
    expansion: int,
    stride: int,
    activation: str,
) -> str:
    """Fused IBN (EfficientNet-EdgeTPU, Gupta and Tan 2019): kxk expand, 1x1 project."""
    hidden = net.shape(source)[0] * expansion
    x = net.conv(
        source, hidden, f"{name}.expand", kernel=kernel, stride=stride, activation=activation
    )
    x = net.conv(x, channels, f"{name}.project")
    return _residual(net, source, x, name, stride)


def _residual(net: Builder, source: str, x: str, name: str, stride: int) -> str:
    """Identity shortcut where stride and width allow it (MobileNetV2's rule)."""
    if stride != 1 or net.shape(source) != net.shape(x):
        return x
    return net.add(source, x, f"{name}.add")


BLOCKS: Final[dict[str, Callable[..., str]]] = {
    "ibn": inverted_bottleneck,
    "fused": fused_inverted_bottleneck,
}
