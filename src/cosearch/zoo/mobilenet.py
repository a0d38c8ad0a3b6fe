"""MobileNetV1 (arXiv 1704.04861, table 1) and MobileNetV2 (arXiv 1801.04381, table 2).

The authors' later list gives V1-0.75 317 M MACs where the paper, and this table, have 325 M; its
parameters of V2 leave batch norm out.
"""

from typing import Final

from cosearch.networks.blocks.mobile import divisible
from cosearch.zoo.entry import Entry
from cosearch.zoo.staged import entry, scaled
from cosearch.zoo.table import Row, Table

# operator, kernel, stride, expansion, channels, repeats
_V1: Final = (
    Row("separable", 3, 1, 1, 64),
    Row("separable", 3, 2, 1, 128, 2),
    Row("separable", 3, 2, 1, 256, 2),
    Row("separable", 3, 2, 1, 512, 6),
    Row("separable", 3, 2, 1, 1024, 2),
)
V2: Final = (
    Row("ibn", 3, 1, 1, 16),
    Row("ibn", 3, 2, 6, 24, 2),
    Row("ibn", 3, 2, 6, 32, 3),
    Row("ibn", 3, 2, 6, 64, 4),
    Row("ibn", 3, 1, 6, 96, 3),
    Row("ibn", 3, 2, 6, 160, 3),
    Row("ibn", 3, 1, 6, 320),
)


def v1(width: float) -> Table:
    """MobileNetV1 with a width multiplier."""
    rows = tuple(scaled(row, width) for row in _V1)
    return Table(divisible(32 * width), rows, head=0, activation="relu6")


def v2(width: float) -> Table:
    """MobileNetV2 with a width multiplier; below 1 it leaves the last convolution as it is."""
    rows = tuple(scaled(row, width) for row in V2)
    head = divisible(1280 * max(1.0, width))
    return Table(divisible(32 * width), rows, head, activation="relu6")


ENTRIES: Final[tuple[Entry, ...]] = (
    *(
        entry(f"mobilenet-v1-{width}", "mobilenet-v1", 224, "arXiv 1704.04861, table 1", v1(width))
        for width in (0.25, 0.5, 0.75, 1.0)
    ),
    *(
        entry(f"mobilenet-v2-{width}", "mobilenet-v2", 224, "arXiv 1801.04381, table 2", v2(width))
        for width in (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
    ),
)
