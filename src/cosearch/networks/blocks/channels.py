"""Squeeze-and-excite, channel shuffle: what mobile blocks carry inside."""

from __future__ import annotations

from dataclasses import dataclass

from cosearch.networks.builder import Builder


@dataclass(frozen=True)
class Squeeze:
    """Squeeze-and-excite (Hu et al. 2018): `width` channels in the middle."""

    width: int
    activation: str = "relu"
    gate: str = "sigmoid"


def squeeze_excite(net: Builder, source: str, name: str, squeeze: Squeeze) -> str:
    """Gate each channel by what a two-layer network makes of the channels' means."""
    channels = net.shape(source)[0]
    x = net.global_pool(source, f"{name}.pool")
    x = net.conv(x, squeeze.width, f"{name}.reduce", activation=squeeze.activation, norm=False)
    x = net.conv(x, channels, f"{name}.expand", activation=squeeze.gate, norm=False)
    return net.mul(source, x, f"{name}.scale")


def channel_shuffle(net: Builder, source: str, name: str, groups: int) -> str:
    """Deal the channels of `groups` groups out in turn (ShuffleNet, Zhang et al. 2018)."""
    channels, height, width = net.shape(source)
    split = (groups, channels // groups, height, width)
    x = net.reshape(source, split, f"{name}.split")
    x = net.transpose(x, (1, 0, 2, 3), f"{name}.deal")
    return net.reshape(x, (channels, height, width), f"{name}.join")
