"""ProxylessNAS-Mobile (arXiv 1812.00332).

Operators as indexed in google-research, tunas/mobile_model_archive.py.
"""

from typing import Final

from cosearch.zoo.entry import Entry
from cosearch.zoo.staged import entry
from cosearch.zoo.table import Row, Table

_SKIPPED: Final = 6
# kernel, expansion by index
_OPERATORS: Final = ((3, 3), (5, 3), (7, 3), (3, 6), (5, 6), (7, 6))
# stride of the first block, channels, operators
_MOBILE: Final = (
    (2, 32, (1, 0, 6, 6)),
    (2, 40, (2, 0, 1, 1)),
    (2, 80, (5, 1, 1, 1)),
    (1, 96, (4, 1, 1, 1)),
    (2, 192, (5, 5, 2, 2)),
    (1, 320, (5,)),
)


def _rows(stride: int, channels: int, indices: tuple[int, ...]) -> list[Row]:
    return [
        Row("ibn", *_shape(index, stride if i == 0 else 1), channels)
        for i, index in enumerate(indices)
        if index != _SKIPPED
    ]


def _shape(index: int, stride: int) -> tuple[int, int, int]:
    kernel, expansion = _OPERATORS[index]
    return kernel, stride, expansion


# the blocks of each stage; what is skipped is left out
STAGES: Final = ([Row("ibn", 3, 1, 1, 16)], *(_rows(*stage) for stage in _MOBILE))
MOBILE: Final = Table(32, tuple(row for stage in STAGES for row in stage), activation="relu6")

ENTRIES: Final[tuple[Entry, ...]] = (
    entry("proxylessnas-mobile", "proxylessnas", 224, "arXiv 1812.00332", MOBILE),
)
