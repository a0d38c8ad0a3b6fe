"""Single-shot detectors on MobileNetV1 and V2, for COCO's 90 classes and images of 300 pixels.

As configured in tensorflow/models, research/object_detection/samples/configs,
ssd_mobilenet_v1_quantized_300x300_coco14_sync and ssd_mobilenet_v2_quantized_300x300_coco: six
feature maps, plain 1x1 predictors. The output is raw: (box code and class, anchor); decoding and
non-maximum suppression are left to the host.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from cosearch.networks import Builder, Network
from cosearch.zoo.entry import Entry
from cosearch.zoo.mobilenet import v1, v2
from cosearch.zoo.operators import grow
from cosearch.zoo.staged import blocks, stem
from cosearch.zoo.table import Table

_BOX: Final = 4
_CLASSES: Final = 91  # with background
_ANCHORS: Final = (3, 6, 6, 6, 6, 6)  # per place of each map
_EXTRA: Final = (512, 256, 256, 128)  # widths of the maps after the backbone's two
# backbone, its earlier feature map, width of its last 1x1 (0: none)
_TABLE: Final[dict[str, tuple[Table, str, int]]] = {
    "ssd-mobilenet-v1": (v1(1.0), "stage3.block5.pointwise", 0),
    "ssd-mobilenet-v2": (v2(1.0), "stage5.block0.expand", 1280),
}


def ssd(name: str, *, resolution: int = 300) -> Network:
    """A row of the table."""
    table, early, head = _TABLE[name]
    net = Builder(name, (3, resolution, resolution))
    conv = partial(net.conv, activation="relu6")
    x = stem(net, "input", table)
    for i, row in enumerate(table.rows):
        for j, block in enumerate(blocks(row)):
            x = grow(net, x, block, f"stage{i}.block{j}", table)
    x = conv(x, head, "head") if head else x
    maps = [early, x]
    for i, width in enumerate(_EXTRA):
        x = _halve(net, conv(x, width // 2, f"extra{i}.reduce"), width, f"extra{i}")
        maps.append(x)
    _predict(net, maps)
    return net.build()


def _halve(net: Builder, source: str, width: int, name: str) -> str:
    """3x3 of stride 2; a single window has no stride, so that files give the same graph back."""
    alone = max(net.shape(source)[1:]) <= 2
    way = {"stride": 1, "pad": (0, 0, 1, 1)} if alone else {"stride": 2}
    return net.conv(source, width, name, kernel=3, activation="relu6", **way)


def _predict(net: Builder, maps: list[str]) -> None:
    parts = {"boxes": _BOX, "classes": _CLASSES}
    ends = []
    for part, width in parts.items():
        made = [
            _flat(net, source, width, anchors, f"{part}{i}")
            for i, (source, anchors) in enumerate(zip(maps, _ANCHORS, strict=True))
        ]
        ends.append(net.concat(tuple(made), part, axis=1))
    net.concat(tuple(ends), "predictions")


def _flat(net: Builder, source: str, width: int, anchors: int, name: str) -> str:
    """`width` numbers of every anchor, (width, anchors of all places)."""
    x = net.conv(source, width * anchors, name, norm=False)
    _, rows, columns = net.shape(x)
    return net.reshape(x, (width, anchors * rows * columns), f"{name}.flat")


_SOURCE: Final = "Liu et al. 2016, arXiv 1512.02325; tensorflow/models, research/object_detection"

ENTRIES: Final[tuple[Entry, ...]] = tuple(
    Entry(name, "ssd", 300, _SOURCE, partial(ssd, name)) for name in _TABLE
)
