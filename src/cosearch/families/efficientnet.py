"""EfficientNet-B0's blocks, as NAHAS searches them (arXiv 2102.08619, space S2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from cosearch.families.chain import ChainFamily
from cosearch.families.fitting import fitted
from cosearch.families.stages import Plan, blockwise
from cosearch.networks.network import Shape
from cosearch.zoo.efficientnet import efficientnet, lite
from cosearch.zoo.staged import blocks
from cosearch.zoo.table import Table

# family -> (its table, the network at the centre). Lite has what an edge accelerator can run:
# no squeeze, no swish.
_BACKBONES: Final[Mapping[str, tuple[Table, str]]] = {
    "efficientnet": (efficientnet(1.0, 1.0), "efficientnet-b0"),
    "efficientnet-lite": (lite(1.0, 1.0), "efficientnet-lite0"),
}


def efficientnet_family(
    name: str = "efficientnet",
    image: Shape = (3, 224, 224),
    classes: int = 1000,
    *,
    width: float = 1.0,
    unstrided: int = 0,
) -> ChainFamily:
    """Kernel and expansion of 16 blocks, of the first the kernel only: 3 x 6^15 networks."""
    table, centre = _BACKBONES[name]
    choices = {"kernel": (3, 5, 7), "expansion": (3, 6)}
    plan = fitted(
        Plan(
            name,
            replace(table, rows=(), classes=classes),
            tuple(blockwise(row, choices) for row in table.rows),
            image,
        ),
        width,
        unstrided,
    )
    reference = plan.values([list(blocks(row)) for row in table.rows])
    return ChainFamily(plan.chain(), {centre: reference}, "arXiv 2102.08619")
