"""The evolved space of NAHAS (arXiv 2102.08619, space S3), on MobileNetV2.

Of the paper it has the choices (inverted or fused inverted bottleneck, filter scaling, group
convolution for the edge), without squeeze and swish. Their values are not in any public text: the
multipliers are TuNAS's, the numbers of groups ours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cosearch.families.chain import ChainFamily
from cosearch.families.fitting import fitted
from cosearch.families.stages import Plan, blockwise
from cosearch.families.widths import MULTIPLIERS, widths
from cosearch.networks.network import Shape
from cosearch.zoo.mobilenet import v2
from cosearch.zoo.staged import blocks

_CHOICES: Final = {
    "operator": ("ibn", "fused"),
    "kernel": (3, 5, 7),
    "expansion": (3, 6),
    "groups": (1, 2, 4),
}


def nahas_evolved_family(
    image: Shape = (3, 224, 224),
    classes: int = 1000,
    *,
    width: float = 1.0,
    unstrided: int = 0,
) -> ChainFamily:
    """Operator, kernel, expansion and groups of each block, channels of each stage."""
    table = v2(1.0)
    plan = fitted(
        Plan(
            "nahas-evolved",
            replace(table, rows=(), classes=classes),
            tuple(
                blockwise(row, _CHOICES, {"channels": widths(row.channels, MULTIPLIERS)})
                for row in table.rows
            ),
            image,
            gates={"groups": ("operator", ("fused",))},
        ),
        width,
        unstrided,
    )
    reference = plan.values([list(blocks(row)) for row in table.rows])
    return ChainFamily(plan.chain(), {"mobilenet-v2-1.0": reference}, "arXiv 2102.08619")
