"""Mobile blocks: separable, inverted bottleneck, fused inverted bottleneck, Tucker."""

from __future__ import annotations

from cosearch.networks.blocks.channels import Squeeze, channel_shuffle, squeeze_excite
from cosearch.networks.builder import Builder


def inverted_bottleneck(
    net: Builder,
    source: str,
    channels: int,
    name: str,
    *,
    kernel: int,
    stride: int,
    activation: str,
    expansion: float = 1,
    hidden: int | None = None,
    squeeze: Squeeze | None = None,
    groups: int = 1,
    always_expand: bool = False,
    residual: bool = True,
) -> str:
    """IBN / MBConv (MobileNetV2, Sandler et al. 2018): 1x1 expand, depthwise, 1x1 project.

    `hidden` replaces expansion x width. Without expansion the first 1x1 is left out unless
    `always_expand`. With `groups` both 1x1 are grouped, and the channels shuffled between them
    (FBNet, Wu et al. 2019). `residual` allows the shortcut where shapes do.
    """
    width = net.shape(source)[0]
    hidden = hidden if hidden is not None else int(width * expansion)
    x = source
    if hidden != width or always_expand:
        x = net.conv(x, hidden, f"{name}.expand", groups=groups, activation=activation)
    if groups > 1:
        x = channel_shuffle(net, x, f"{name}.shuffle", groups)
    x = net.depthwise(x, f"{name}.depthwise", kernel, stride, activation)
    if squeeze:
        x = squeeze_excite(net, x, f"{name}.se", squeeze)
    x = net.conv(x, channels, f"{name}.project", groups=groups)
    return shortcut(net, source, x, name, residual and stride == 1)


def fused_inverted_bottleneck(
    net: Builder,
    source: str,
    channels: int,
    name: str,
    *,
    kernel: int,
    stride: int,
    activation: str,
    expansion: float = 1,
    hidden: int | None = None,
    squeeze: Squeeze | None = None,
    groups: int = 1,
    residual: bool = True,
) -> str:
    """Fused IBN (EfficientNet-EdgeTPU, Gupta and Tan 2019): kxk expand, 1x1 project.

    `groups` splits the kxk convolution (group convolution IBN of MobileNetEdgeTPU-v2).
    """
    hidden = hidden if hidden is not None else int(net.shape(source)[0] * expansion)
    x = net.conv(
        source,
        hidden,
        f"{name}.expand",
        kernel=kernel,
        stride=stride,
        groups=groups,
        activation=activation,
    )
    if squeeze:
        x = squeeze_excite(net, x, f"{name}.se", squeeze)
    x = net.conv(x, channels, f"{name}.project")
    return shortcut(net, source, x, name, residual and stride == 1)


def separable(
    net: Builder,
    source: str,
    channels: int,
    name: str,
    *,
    kernel: int,
    stride: int,
    activation: str,
    squeeze: Squeeze | None = None,
    activated: bool = False,
    residual: bool = False,
) -> str:
    """Depthwise-separable (SEP): depthwise, 1x1; `activated` puts the nonlinearity after both
    (MobileNetV1), else the 1x1 is linear (first block of MnasNet and ProxylessNAS)."""
    x = net.depthwise(source, f"{name}.depthwise", kernel, stride, activation)
    if squeeze:
        x = squeeze_excite(net, x, f"{name}.se", squeeze)
    x = net.conv(x, channels, f"{name}.project", activation=activation if activated else "none")
    return shortcut(net, source, x, name, residual and stride == 1)


def tucker(
    net: Builder,
    source: str,
    channels: int,
    name: str,
    *,
    kernel: int,
    stride: int,
    activation: str,
    compression: float = 0.25,
    output: float = 0.75,
    residual: bool = True,
) -> str:
    """Tucker convolution (MobileDets, Xiong et al. 2021): 1x1 down, kxk, 1x1 to the output width.

    The middle widths are `compression` x input and `output` x output, to multiples of 8.
    """
    down = divisible(net.shape(source)[0] * compression)
    x = net.conv(source, down, f"{name}.compress", activation=activation)
    x = net.conv(
        x,
        divisible(channels * output),
        f"{name}.core",
        kernel=kernel,
        stride=stride,
        activation=activation,
    )
    x = net.conv(x, channels, f"{name}.project")
    return shortcut(net, source, x, name, residual and stride == 1)


def shortcut(net: Builder, source: str, x: str, name: str, allowed: bool = True) -> str:
    """Identity shortcut where the shapes allow it (MobileNetV2's rule)."""
    if not allowed or net.shape(source) != net.shape(x):
        return x
    return net.add(source, x, name=f"{name}.add")


def divisible(width: float, by: int = 8) -> int:
    """Round to a multiple of `by`, at least `by`, never down by more than a tenth (MobileNetV2)."""
    rounded = max(by, int(width + by / 2) // by * by)
    return rounded + by if rounded < 0.9 * width else rounded
