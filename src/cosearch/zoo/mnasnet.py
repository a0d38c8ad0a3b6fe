"""MnasNet (arXiv 1807.11626).

Tables of tensorflow/tpu, models/official/mnasnet/mnasnet_models.py. The MACs that its README
lists by width include elementwise work (1.2 % more at width 1).
"""

from typing import Final

from cosearch.networks.blocks.mobile import divisible
from cosearch.zoo.entry import Entry
from cosearch.zoo.staged import entry, scaled
from cosearch.zoo.table import Row, Table

# operator, kernel, stride, expansion, channels, repeats, squeeze
A1: Final = (
    Row("ibn", 3, 1, 1, 16, shortcut="none"),
    Row("ibn", 3, 2, 6, 24, 2),
    Row("ibn", 5, 2, 3, 40, 3, 0.25),
    Row("ibn", 3, 2, 6, 80, 4),
    Row("ibn", 3, 1, 6, 112, 2, 0.25),
    Row("ibn", 5, 2, 6, 160, 3, 0.25),
    Row("ibn", 3, 1, 6, 320),
)
B1: Final = (
    Row("ibn", 3, 1, 1, 16, shortcut="none"),
    Row("ibn", 3, 2, 3, 24, 3),
    Row("ibn", 5, 2, 3, 40, 3),
    Row("ibn", 5, 2, 6, 80, 3),
    Row("ibn", 3, 1, 6, 96, 2),
    Row("ibn", 5, 2, 6, 192, 4),
    Row("ibn", 3, 1, 6, 320, shortcut="none"),
)
_SMALL: Final = (
    Row("ibn", 3, 1, 1, 8),
    Row("ibn", 3, 2, 3, 16),
    Row("ibn", 3, 2, 6, 16, 2),
    Row("ibn", 5, 2, 6, 32, 4, 0.25),
    Row("ibn", 3, 1, 6, 32, 3, 0.25),
    Row("ibn", 5, 2, 6, 88, 3, 0.25),
    Row("ibn", 3, 1, 6, 144),
)


def a1(width: float = 1.0) -> Table:
    """MnasNet-A1 with a width multiplier, which leaves the last convolution as it is."""
    return Table(divisible(32 * width), tuple(scaled(row, width) for row in A1))


_SOURCE: Final = "arXiv 1807.11626; tensorflow/tpu, models/official/mnasnet"

ENTRIES: Final[tuple[Entry, ...]] = (
    entry("mnasnet-a1", "mnasnet", 224, _SOURCE, a1()),
    *(
        entry(f"mnasnet-a1-{width}", "mnasnet", 224, _SOURCE, a1(width))
        for width in (0.35, 0.5, 0.75, 1.4)
    ),
    entry("mnasnet-b1", "mnasnet", 224, _SOURCE, Table(32, B1)),
    entry("mnasnet-small", "mnasnet", 224, _SOURCE, Table(8, _SMALL)),
)
