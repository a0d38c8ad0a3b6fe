"""A space about EfficientNet-EdgeTPU-S (Gupta and Tan 2019; arXiv 2003.02838).

The authors searched EfficientNet's space with fused inverted bottlenecks beside depthwise ones,
and without squeeze and swish, which the Edge TPU ran badly. Its table is not public: these are
the choices of MnasNet's factorised space with those operators.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cosearch.families.chain import ChainFamily
from cosearch.families.fitting import fitted
from cosearch.families.stages import Plan, Stage, stagewise
from cosearch.families.widths import widths
from cosearch.networks.network import Shape
from cosearch.zoo.efficientnet import edgetpu
from cosearch.zoo.staged import blocks
from cosearch.zoo.table import Row


def efficientnet_edgetpu_family(
    image: Shape = (3, 224, 224),
    classes: int = 1001,
    *,
    width: float = 1.0,
    unstrided: int = 0,
) -> ChainFamily:
    """Per stage: layers, operator, kernel, expansion, channels."""
    table = edgetpu(1.0, 1.0)
    plan = fitted(
        Plan(
            "efficientnet-edgetpu",
            replace(table, rows=(), classes=classes),
            tuple(_stages(table.rows)),
            image,
        ),
        width,
        unstrided,
    )
    reference = plan.values([list(blocks(row)) for row in table.rows])
    return ChainFamily(plan.chain(), {"efficientnet-edgetpu-s": reference}, "arXiv 2003.02838")


def _stages(rows: tuple[Row, ...]) -> Iterator[Stage]:
    for row in rows:
        layers = row.repeats
        yield stagewise(
            row,
            {
                "repeats": tuple(range(max(1, layers - 1), layers + 2)),
                "operator": ("ibn", "fused"),
                "kernel": (3, 5),
                "expansion": (4, 8),
                "channels": widths(row.channels, (0.75, 1.0, 1.25)),
            },
        )
