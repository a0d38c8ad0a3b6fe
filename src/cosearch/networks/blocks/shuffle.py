"""ShuffleNetV2 units (Ma et al. 2018) and their Xception-like variant (SPOS, Guo et al. 2020).

As the authors release them: a unit first deals its channels out by parity, so that the shuffle
of one unit is the split of the next. Called "Choice" blocks where a search picks among them.
"""

from __future__ import annotations

from cosearch.networks.blocks.channels import Squeeze, channel_shuffle, squeeze_excite
from cosearch.networks.builder import Builder


def shuffle_unit(
    net: Builder,
    source: str,
    channels: int,
    name: str,
    *,
    kernel: int,
    stride: int,
    middle: int | None = None,
    activation: str = "relu",
    squeeze: bool = False,
) -> str:
    """1x1, depthwise, 1x1 beside a shortcut; `middle` is half the output unless given.

    `squeeze` ends the branch with squeeze-and-excite, a quarter wide (ShuffleNetV2+).
    """
    kept, x = _split(net, source, name, kernel, stride, activation)
    outputs = channels - net.shape(kept)[0]
    middle = channels // 2 if middle is None else middle
    x = net.conv(x, middle, f"{name}.expand", activation=activation)
    x = net.depthwise(x, f"{name}.depthwise", kernel, stride)
    x = net.conv(x, outputs, f"{name}.project", activation=activation)
    return _join(net, kept, x, name, squeeze)


def shuffle_xception(
    net: Builder,
    source: str,
    channels: int,
    name: str,
    *,
    stride: int,
    middle: int | None = None,
    activation: str = "relu",
    squeeze: bool = False,
) -> str:
    """Three (depthwise 3x3, 1x1) beside a shortcut; `middle` is half the output unless given."""
    kept, x = _split(net, source, name, 3, stride, activation)
    outputs = channels - net.shape(kept)[0]
    middle = channels // 2 if middle is None else middle
    for i, width in enumerate((middle, middle, outputs)):
        x = net.depthwise(x, f"{name}.depthwise{i}", 3, stride if i == 0 else 1)
        x = net.conv(x, width, f"{name}.pointwise{i}", activation=activation)
    return _join(net, kept, x, name, squeeze)


def _split(
    net: Builder, source: str, name: str, kernel: int, stride: int, activation: str
) -> tuple[str, str]:
    """(what the unit passes on, what its branch reads).

    With stride 1 the even and the odd channels; with stride 2 both are the whole source, the
    former halved by a depthwise convolution and a 1x1.
    """
    channels = net.shape(source)[0]
    if stride == 1:
        dealt = channel_shuffle(net, source, f"{name}.shuffle", channels // 2)
        kept = net.slice(dealt, 0, channels // 2, f"{name}.kept")
        return kept, net.slice(dealt, channels // 2, channels, f"{name}.branch")
    kept = net.depthwise(source, f"{name}.shortcut.depthwise", kernel, stride)
    return net.conv(kept, channels, f"{name}.shortcut.project", activation=activation), source


def _join(net: Builder, kept: str, x: str, name: str, squeeze: bool) -> str:
    if squeeze:
        x = squeeze_excite(net, x, f"{name}.se", Squeeze(max(1, net.shape(x)[0] // 4)))
    return net.concat((kept, x), f"{name}.concat")
