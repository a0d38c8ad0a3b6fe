"""MobileNetV3 (arXiv 1905.02244, tables 1 and 2) and MobileNetEdgeTPU.

Minimalistic networks and MobileNetEdgeTPU as in tensorflow/models,
research/slim/nets/mobilenet/mobilenet_v3.py. What its README lists for Small (66 M MACs, 2.9 M
parameters; minimalistic 65 M) is not this table, which is the paper's (56 M, 2.5 M).
"""

from dataclasses import replace
from typing import Final

from cosearch.networks.blocks.mobile import divisible
from cosearch.zoo.entry import Entry
from cosearch.zoo.staged import entry, scaled
from cosearch.zoo.table import Row, SqueezeRule, Table

_SQUEEZE: Final = SqueezeRule(
    of_expansion=True, rounding=divisible, activation="relu", gate="hsigmoid"
)
_RE, _HS = "relu", "hswish"

# operator, kernel, stride, expansion, channels, repeats, squeeze, activation.
# The expansions of the papers' absolute widths: 200/80, 184/80, 72/16, 88/24.
_LARGE: Final = (
    Row("ibn", 3, 1, 1, 16, 1, 0, _RE),
    Row("ibn", 3, 2, 4, 24, 1, 0, _RE),
    Row("ibn", 3, 1, 3, 24, 1, 0, _RE),
    Row("ibn", 5, 2, 3, 40, 3, 0.25, _RE),
    Row("ibn", 3, 2, 6, 80, 1, 0, _HS),
    Row("ibn", 3, 1, 2.5, 80, 1, 0, _HS),
    Row("ibn", 3, 1, 2.3, 80, 2, 0, _HS),
    Row("ibn", 3, 1, 6, 112, 2, 0.25, _HS),
    Row("ibn", 5, 2, 6, 160, 3, 0.25, _HS),
)
_SMALL: Final = (
    Row("ibn", 3, 2, 1, 16, 1, 0.25, _RE),
    Row("ibn", 3, 2, 4.5, 24, 1, 0, _RE),
    Row("ibn", 3, 1, 88 / 24, 24, 1, 0, _RE),
    Row("ibn", 5, 2, 4, 40, 1, 0.25, _HS),
    Row("ibn", 5, 1, 6, 40, 2, 0.25, _HS),
    Row("ibn", 5, 1, 3, 48, 2, 0.25, _HS),
    Row("ibn", 5, 2, 6, 96, 3, 0.25, _HS),
)
# As coded, a fused block that does not expand is its projection alone.
_EDGETPU: Final = (
    Row("project", 1, 1, 1, 16),
    Row("fused", 3, 2, 8, 32),
    Row("fused", 3, 1, 4, 32, 3),
    Row("fused", 3, 2, 8, 48),
    Row("fused", 3, 1, 4, 48, 3),
    Row("ibn", 3, 2, 8, 96),
    Row("ibn", 3, 1, 4, 96, 3),
    Row("ibn", 3, 1, 8, 96, shortcut="none"),
    Row("ibn", 3, 1, 4, 96, 3),
    Row("ibn", 5, 2, 8, 160),
    Row("ibn", 5, 1, 4, 160, 3),
    Row("ibn", 3, 1, 8, 192),
)


def v3(rows: tuple[Row, ...], head: int, features: int, width: float = 1.0) -> Table:
    """MobileNetV3 with a width multiplier, which leaves the layer after pooling as it is."""
    return Table(
        divisible(16 * width),
        tuple(scaled(row, width) for row in rows),
        divisible(head * width),
        features,
        activation=_HS,
        squeeze=_SQUEEZE,
    )


def minimalistic(table: Table) -> Table:
    """The same widths with ReLU, 3x3 kernels and no squeeze."""
    rows = tuple(replace(row, kernel=3, squeeze=0, activation=_RE) for row in table.rows)
    return replace(table, rows=rows, activation=_RE)


def edgetpu(width: float) -> Table:
    """MobileNetEdgeTPU with a width multiplier, which leaves the last convolution as it is."""
    return Table(divisible(32 * width), tuple(scaled(row, width) for row in _EDGETPU))


LARGE: Final = v3(_LARGE, 960, 1280)
LARGE_075: Final = v3(_LARGE, 960, 1280, 0.75)
SMALL: Final = v3(_SMALL, 576, 1024)
SMALL_075: Final = v3(_SMALL, 576, 1024, 0.75)
_PAPER: Final = "arXiv 1905.02244, table"
_SLIM: Final = "tensorflow/models, research/slim/nets/mobilenet/mobilenet_v3.py"

ENTRIES: Final[tuple[Entry, ...]] = tuple(
    entry(name, family, 224, source, table)
    for name, family, source, table in (
        ("mobilenet-v3-large", "mobilenet-v3", f"{_PAPER} 1", LARGE),
        ("mobilenet-v3-large-0.75", "mobilenet-v3", f"{_PAPER} 1", LARGE_075),
        ("mobilenet-v3-large-minimalistic", "mobilenet-v3", _SLIM, minimalistic(LARGE)),
        ("mobilenet-v3-small", "mobilenet-v3", f"{_PAPER} 2", SMALL),
        ("mobilenet-v3-small-0.75", "mobilenet-v3", f"{_PAPER} 2", SMALL_075),
        ("mobilenet-v3-small-minimalistic", "mobilenet-v3", _SLIM, minimalistic(SMALL)),
        ("mobilenet-edgetpu-0.75", "mobilenet-edgetpu", _SLIM, edgetpu(0.75)),
        ("mobilenet-edgetpu-1.0", "mobilenet-edgetpu", _SLIM, edgetpu(1.0)),
    )
)
