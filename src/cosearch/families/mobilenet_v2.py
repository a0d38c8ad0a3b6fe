"""MobileNetV2's inverted bottlenecks, as NAHAS searches them (arXiv 2102.08619, space S1)."""

from __future__ import annotations

from dataclasses import replace

from cosearch.families.chain import ChainFamily
from cosearch.families.fitting import fitted
from cosearch.families.stages import Plan, blockwise
from cosearch.networks.network import Shape
from cosearch.zoo.mobilenet import v2
from cosearch.zoo.staged import blocks


def mobilenet_v2_family(
    image: Shape = (3, 224, 224),
    classes: int = 1000,
    *,
    width: float = 1.0,
    unstrided: int = 0,
) -> ChainFamily:
    """Kernel and expansion of 17 blocks, of the first the kernel only: 3 x 6^16 networks."""
    table = v2(1.0)
    choices = {"kernel": (3, 5, 7), "expansion": (3, 6)}
    plan = fitted(
        Plan(
            "mobilenet-v2",
            replace(table, rows=(), classes=classes),
            tuple(blockwise(row, choices) for row in table.rows),
            image,
        ),
        width,
        unstrided,
    )
    reference = plan.values([list(blocks(row)) for row in table.rows])
    return ChainFamily(plan.chain(), {"mobilenet-v2-1.0": reference}, "arXiv 2102.08619")
