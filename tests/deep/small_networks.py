"""Networks of a few operators that hold every way in which channels are tied together."""

from __future__ import annotations

from cosearch.networks import Builder, Network
from cosearch.networks.blocks.channels import Squeeze
from cosearch.networks.blocks.mobile import inverted_bottleneck
from cosearch.networks.blocks.shuffle import shuffle_unit


def residual() -> Network:
    """Stem and two inverted bottlenecks, the second with squeeze-and-excite and a shortcut."""
    net = Builder("residual", (1, 8, 8))
    x = net.conv("input", 8, "stem", kernel=3, activation="relu6")
    block = {"kernel": 3, "activation": "hswish", "expansion": 3}
    x = inverted_bottleneck(net, x, 16, "one", stride=2, **block)
    gate = Squeeze(8, "relu", "hsigmoid")
    x = inverted_bottleneck(net, x, 16, "two", stride=1, squeeze=gate, **block)
    net.linear(net.global_pool(x, "pool"), 10, "classifier")
    return net.build()


def grouped() -> Network:
    """FBNet's block: both 1x1 in two groups, channels shuffled between them."""
    net = Builder("grouped", (3, 6, 6))
    x = net.conv("input", 8, "stem", kernel=3, activation="relu")
    block = {"kernel": 3, "stride": 1, "activation": "relu", "expansion": 2, "groups": 2}
    x = inverted_bottleneck(net, x, 8, "block", **block)
    net.linear(x, 4, "classifier")  # over everything, flattened
    return net.build()


def shuffled() -> Network:
    net = Builder("shuffled", (3, 8, 8))
    x = net.conv("input", 8, "stem", kernel=3, activation="relu")
    for i, stride in enumerate((2, 1, 1)):
        x = shuffle_unit(net, x, 16, f"unit{i}", kernel=3, stride=stride, squeeze=i == 1)
    net.linear(net.global_pool(x, "pool"), 4, "classifier")
    return net.build()


def joined() -> Network:
    """Concat, a transposed convolution, a multiplier of depthwise filters, norms on their own."""
    net = Builder("joined", (3, 8, 8))
    one = net.conv("input", 6, "one", kernel=3, stride=2, activation="relu")
    two = net.conv("input", 4, "two", kernel=3, stride=2, activation="relu")
    x = net.batch_norm(net.concat((one, two), "concat"), "norm", "relu")
    x = net.conv(x, 20, "double", kernel=3, groups=10, activation="relu")
    x = net.conv(x, 6, "mix", kernel=1)
    x = net.add(x, one, name="add", activation="relu")
    y = net.pool("max", x, "max", kernel=3, stride=2)
    net.linear(net.global_pool(y, "pool"), 5, "classifier")
    return net.build()
