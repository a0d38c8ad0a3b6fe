"""Networks of the tabular benchmarks on CIFAR-10: NAS-Bench-201 and NAS-Bench-Macro."""

from __future__ import annotations

from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.networks.blocks.mobile import inverted_bottleneck
from cosearch.networks.blocks.nasbench201 import grow_cell, parse_cell, reduction
from cosearch.zoo.entry import Entry

IMAGE: Final = (3, 32, 32)
NORM_EPS: Final = 1e-5  # PyTorch's

# ---- NAS-Bench-201

WIDTHS_201: Final = (16, 32, 64)
CELLS_201: Final = 5

# Operators of edges 0-1; 0-2, 1-2; 0-3, 1-3, 2-3.
RESNET_201: Final = (
    "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|"
)
# Mean of three seeds 94.37 %. With the last two operators exchanged the mean is the same.
BEST_201: Final = (
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|"
    "+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"
)


def nasbench201(name: str, cell: str, *, classes: int = 10) -> Network:
    """Three stages of five equal cells, a residual block before the second and the third.

    The benchmark's FLOPs are these multiply-accumulates and one more per class, for the bias.
    """
    net = Builder(name, IMAGE, norm_eps=NORM_EPS)
    x = stem_201(net, "input")
    for i, width in enumerate(WIDTHS_201):
        if i:
            x = reduction(net, x, width, f"stage{i}.reduction")
        for j in range(CELLS_201):
            x = grow_cell(net, x, parse_cell(cell), f"stage{i}.cell{j}")
    head_201(net, x, classes=classes)
    return net.build()


def stem_201(net: Builder, source: str, *, width: int = WIDTHS_201[0]) -> str:
    """The first convolution, without activation."""
    return net.conv(source, width, "stem", kernel=3)


def head_201(net: Builder, source: str, *, classes: int = 10) -> str:
    """Batch norm, ReLU, mean, classifier."""
    x = net.batch_norm(source, "norm", "relu")
    return net.linear(net.global_pool(x, "pool"), classes, "classifier")


# ---- NAS-Bench-Macro

STAGES_MACRO: Final = (2, 3, 3)
STEM_MACRO: Final = 32
HEAD_MACRO: Final = 1280
OPERATORS_MACRO: Final = ("identity", "mb3_k3", "mb6_k5")
_EXPANSION_KERNEL: Final = {"mb3_k3": (3, 3), "mb6_k5": (6, 5)}


def nasbench_macro(code: str, *, name: str = "nasbench-macro", classes: int = 10) -> Network:
    """The network of eight digits 0 to 2; each stage begins with stride 2 and twice the width."""
    net = Builder(name, IMAGE, norm_eps=NORM_EPS)
    x = stem_macro(net, "input")
    digits = iter(code)
    for i, layers in enumerate(STAGES_MACRO):
        for j in range(layers):
            operator = OPERATORS_MACRO[int(next(digits))]
            x = layer_macro(net, x, f"stage{i}.layer{j}", operator, first=j == 0)
    head_macro(net, x, classes=classes)
    return net.build()


def stem_macro(net: Builder, source: str, *, width: int = STEM_MACRO) -> str:
    """The first convolution."""
    return net.conv(source, width, "stem", kernel=3, activation="relu")


def layer_macro(net: Builder, source: str, name: str, operator: str, *, first: bool) -> str:
    """One of `OPERATORS_MACRO`; the identity is a 1x1 where it must stride."""
    channels, stride = net.shape(source)[0] * (2 if first else 1), 2 if first else 1
    if operator == "identity":
        return net.conv(source, channels, name, stride=stride) if first else source
    expansion, kernel = _EXPANSION_KERNEL[operator]
    return inverted_bottleneck(
        net,
        source,
        channels,
        name,
        kernel=kernel,
        stride=stride,
        expansion=expansion,
        activation="relu",
    )


def head_macro(net: Builder, source: str, *, classes: int = 10, width: int = HEAD_MACRO) -> str:
    """1x1, mean, classifier."""
    x = net.conv(source, width, "head", activation="relu")
    return net.linear(net.global_pool(x, "pool"), classes, "classifier")


_SOURCE_201: Final = "Dong and Yang 2020, arXiv 2001.00326"
_SOURCE_MACRO: Final = "Su et al. 2021, arXiv 2103.11922; xiusu/NAS-Bench-Macro"

ENTRIES: Final[tuple[Entry, ...]] = (
    Entry(
        "nasbench201-resnet",
        "nasbench201",
        32,
        f"{_SOURCE_201}: its ResNet-like cell",
        partial(nasbench201, "nasbench201-resnet", RESNET_201),
    ),
    Entry(
        "nasbench201-best",
        "nasbench201",
        32,
        f"{_SOURCE_201}: best test accuracy on CIFAR-10",
        partial(nasbench201, "nasbench201-best", BEST_201),
    ),
    Entry(
        "nasbench-macro-best",
        "nasbench-macro",
        32,
        f"{_SOURCE_MACRO}: 22212220, best mean accuracy",
        partial(nasbench_macro, "22212220", name="nasbench-macro-best"),
    ),
)
