"""The network spaces of NAHAS (arXiv 2102.08619): S1 about MobileNetV2, S2 about EfficientNet-B0,
and S3, evolved, about MobileNetV2.

Of S3 the paper has the choices (inverted or fused inverted bottleneck, filter scaling, group
convolution for the edge), without squeeze and swish. Their values are not in any public text: the
multipliers are TuNAS's, the numbers of groups ours.
"""

from __future__ import annotations

from typing import Final

from cosearch.families.published import around
from cosearch.families.stages import Choices, Stage, blockwise
from cosearch.families.widths import MULTIPLIERS, widths
from cosearch.zoo.efficientnet import efficientnet, lite
from cosearch.zoo.mobilenet import v2
from cosearch.zoo.table import Row

_SOURCE: Final = "arXiv 2102.08619"
_V2: Final = {"mobilenet-v2-1.0": v2(1.0)}


def _shape(row: Row) -> Stage:
    """Kernel and expansion of each block; of the first of all, which has none, the kernel only."""
    return blockwise(row, {"kernel": (3, 5, 7), "expansion": (3, 6)})


def _evolved(row: Row) -> Stage:
    """Operator, kernel, expansion and groups of each block, channels of the stage."""
    choices: Choices = {
        "operator": ("ibn", "fused"),
        "kernel": (3, 5, 7),
        "expansion": (3, 6),
        "groups": (1, 2, 4),
    }
    return blockwise(row, choices, {"channels": widths(row.channels, MULTIPLIERS)})


mobilenet_v2_family = around("mobilenet-v2", _V2, _shape, _SOURCE)  # 3 x 6^16 networks
efficientnet_family = around(  # 3 x 6^15 networks
    "efficientnet", {"efficientnet-b0": efficientnet(1.0, 1.0)}, _shape, _SOURCE
)
efficientnet_lite_family = around(  # what an edge accelerator can run: no squeeze, no swish
    "efficientnet-lite", {"efficientnet-lite0": lite(1.0, 1.0)}, _shape, _SOURCE
)
nahas_evolved_family = around(
    "nahas-evolved", _V2, _evolved, _SOURCE, gates={"groups": ("operator", ("fused",))}
)
