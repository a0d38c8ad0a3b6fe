"""U-Net on MobileNetV2 (TensorFlow's segmentation tutorial): 128 pixels, three classes."""

from __future__ import annotations

from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.zoo.entry import Entry
from cosearch.zoo.mobilenet import v2
from cosearch.zoo.operators import grow
from cosearch.zoo.staged import blocks, stem

# Width of each step up, and the map of the way down that is joined to it.
_UP: Final = (
    (512, "stage5.block0.expand"),
    (256, "stage3.block0.expand"),
    (128, "stage2.block0.expand"),
    (64, "stage1.block0.expand"),
)
_CLASSES: Final = 3


def unet_mobilenet_v2(*, resolution: int = 128) -> Network:
    """Down through MobileNetV2's blocks, up again by transposed convolutions."""
    table = v2(1.0)
    net = Builder("unet-mobilenet-v2", (3, resolution, resolution))
    x = stem(net, "input", table)
    for i, row in enumerate(table.rows[:-1]):
        for j, block in enumerate(blocks(row)):
            x = grow(net, x, block, f"stage{i}.block{j}", table)
    x = _bottom(net, x)
    for i, (width, skip) in enumerate(_UP):
        x = _up(net, x, width, f"up{i}", last=False)
        x = net.concat((x, skip), f"up{i}.concat")
    _up(net, x, _CLASSES, "classes", last=True)
    return net.build()


def _bottom(net: Builder, source: str) -> str:
    """The last block, cut before the batch norm of its projection, as the tutorial cuts it."""
    width = 6 * net.shape(source)[0]
    x = net.conv(source, width, "bottom.expand", activation="relu6")
    x = net.depthwise(x, "bottom.depthwise", 3, activation="relu6")
    return net.conv(x, 320, "bottom.project", norm=False, bias=False)


def _up(net: Builder, source: str, width: int, name: str, *, last: bool) -> str:
    """3x3 transposed convolution that doubles the size."""
    _, height, columns = net.shape(source)
    return net.add_node(
        "conv_transpose",
        (source,),
        (width, 2 * height, 2 * columns),
        name,
        kernel=(3, 3),
        stride=2,
        pad=(0, 0),
        groups=1,
        activation="none" if last else "relu",
        norm=not last,
        bias=last,
    )


_SOURCE: Final = "tensorflow.org/tutorials/images/segmentation; Ronneberger et al. 2015"

ENTRIES: Final[tuple[Entry, ...]] = (
    Entry("unet-mobilenet-v2", "unet", 128, _SOURCE, partial(unet_mobilenet_v2)),
)
