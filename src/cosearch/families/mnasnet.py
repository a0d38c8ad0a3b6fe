"""The factorised hierarchical space of MnasNet (arXiv 1807.11626, section 4.1).

Per stage: operator (convolution, depthwise-separable, inverted bottleneck with two expansions),
kernel, squeeze, shortcut, filters, layers: 4 x 2 x 2 x 3 x 3 x 3 = 432 sub-spaces. The paper's
multipliers of MobileNetV2's widths (0.75, 1, 1.25) miss two widths of its own networks, 112 and
192, which stand here for 1.25 times 96 and 160; the others are to multiples of 8.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from cosearch.families.published import Point, Published
from cosearch.families.stages import Plan, Stage, stagewise
from cosearch.zoo.mnasnet import A1, B1
from cosearch.zoo.mobilenet import V2
from cosearch.zoo.table import Table

_CHANNELS: Final = (
    (8, 16, 24),
    (16, 24, 32),
    (24, 32, 40),
    (48, 64, 80),
    (72, 96, 112),
    (120, 160, 192),
    (240, 320, 400),
)


def _stages() -> Iterator[Stage]:
    """Seven about MobileNetV2's."""
    for row, channels in zip(V2, _CHANNELS, strict=True):
        layers = row.repeats
        yield stagewise(
            replace(row, expansion=1),
            {
                "repeats": (layers - 1, layers, layers + 1),
                "operator": ("conv", "ibn"),
                "kernel": (3, 5),
                "expansion": (1, 3, 6),  # 1: depthwise-separable
                "squeeze": (0.0, 0.25),
                "shortcut": ("none", "identity", "pool"),
                "channels": channels,
            },
        )


mnasnet_family = Published(  # the first and the last stage may be left out
    Plan("mnasnet", Table(32), tuple(_stages()), gates={"expansion": ("operator", ("ibn",))}),
    {"mnasnet-a1": Point.of_rows(A1), "mnasnet-b1": Point.of_rows(B1)},
    "arXiv 1807.11626, section 4.1",
)
