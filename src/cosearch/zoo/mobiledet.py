"""MobileDet backbones (arXiv 2004.14525), up to C5, for images of 320 pixels.

Tables of tensorflow/models, research/object_detection/models/ssd_mobiledet_feature_extractor.py.
"""

from typing import Final

from cosearch.networks.blocks.mobile import divisible
from cosearch.zoo.entry import Entry
from cosearch.zoo.staged import entry
from cosearch.zoo.table import Row, SqueezeRule, Table

_SQUEEZE: Final = SqueezeRule(of_expansion=True, rounding=divisible)

Stages = tuple[tuple[Row, ...], ...]

# operator, kernel, stride, expansion (Tucker: compression), channels, repeats, squeeze
CPU: Final[Stages] = (
    (Row("ibn", 3, 1, 1, 8, 1, 0.25),),
    (Row("ibn", 3, 2, 4, 16, 1, 0.25),),
    (
        Row("ibn", 3, 2, 8, 32, 1, 0.25),
        Row("ibn", 3, 1, 4, 32, 3, 0.25),
    ),
    (
        Row("ibn", 5, 2, 8, 72, 1, 0.25),
        Row("ibn", 3, 1, 8, 72, 1, 0.25),
        Row("ibn", 5, 1, 4, 72, 1, 0.25),
        Row("ibn", 3, 1, 4, 72, 1, 0.25),
    ),
    (
        Row("ibn", 3, 1, 8, 72, 1, 0.25, shortcut="none"),
        Row("ibn", 3, 1, 8, 72, 3, 0.25),
    ),
    (
        Row("ibn", 5, 2, 8, 104, 1, 0.25),
        Row("ibn", 5, 1, 4, 104, 2, 0.25),
        Row("ibn", 3, 1, 4, 104, 1, 0.25),
    ),
    (Row("ibn", 3, 1, 8, 144, 1, 0.25),),
)
DSP: Final[Stages] = (
    (Row("ibn", 3, 1, 1, 24),),
    (
        Row("fused", 3, 2, 4, 32),
        Row("fused", 3, 1, 4, 32),
        Row("ibn", 3, 1, 4, 32),
        Row("tucker", 3, 1, 0.25, 32),
    ),
    (
        Row("fused", 3, 2, 8, 64),
        Row("ibn", 3, 1, 4, 64),
        Row("fused", 3, 1, 4, 64, 2),
    ),
    (
        Row("fused", 3, 2, 8, 120),
        Row("ibn", 3, 1, 4, 120),
        Row("ibn", 3, 1, 8, 120, 2),
    ),
    (
        Row("fused", 3, 1, 8, 144),
        Row("ibn", 3, 1, 8, 144, 3),
    ),
    (
        Row("ibn", 3, 2, 4, 160),
        Row("ibn", 3, 1, 4, 160),
        Row("fused", 3, 1, 4, 160),
        Row("tucker", 3, 1, 0.75, 160),
    ),
    (Row("ibn", 3, 1, 8, 240),),
)
EDGETPU: Final[Stages] = (
    (Row("tucker", 3, 1, 0.25, 16),),
    (
        Row("fused", 3, 2, 8, 16),
        Row("fused", 3, 1, 4, 16),
        Row("fused", 3, 1, 8, 16),
        Row("fused", 3, 1, 4, 16),
    ),
    (
        Row("fused", 5, 2, 8, 40),
        Row("fused", 3, 1, 4, 40, 3),
    ),
    (
        Row("ibn", 3, 2, 8, 72),
        Row("ibn", 3, 1, 8, 72),
        Row("fused", 3, 1, 4, 72, 2),
    ),
    (
        Row("ibn", 5, 1, 8, 96, 2),
        Row("ibn", 3, 1, 8, 96, 2),
    ),
    (
        Row("ibn", 5, 2, 8, 120),
        Row("ibn", 3, 1, 8, 120),
        Row("ibn", 5, 1, 4, 120),
        Row("ibn", 3, 1, 8, 120),
    ),
    (Row("ibn", 5, 1, 8, 384),),
)


def backbone(stem: int, stages: Stages, activation: str) -> Table:
    """A backbone of these stages."""
    rows = tuple(row for stage in stages for row in stage)
    return Table(stem, rows, classes=0, activation=activation, squeeze=_SQUEEZE, norm_eps=1e-2)


_SOURCE: Final = "arXiv 2004.14525; tensorflow/models, ssd_mobiledet_feature_extractor.py"

ENTRIES: Final[tuple[Entry, ...]] = tuple(
    entry(f"mobiledet-{target}", "mobiledet", 320, _SOURCE, backbone(*parts))
    for target, parts in (
        ("cpu", (16, CPU, "hswish")),
        ("dsp", (32, DSP, "relu6")),
        ("edgetpu", (32, EDGETPU, "relu6")),
    )
)
