"""A space about EfficientNet-EdgeTPU-S (Gupta and Tan 2019; arXiv 2003.02838).

The authors searched EfficientNet's space with fused inverted bottlenecks beside depthwise ones,
and without squeeze and swish, which the Edge TPU ran badly. Its table is not public: these are
the choices of MnasNet's factorised space with those operators.
"""

from __future__ import annotations

from cosearch.families.published import around
from cosearch.families.stages import Stage, stagewise
from cosearch.families.widths import widths
from cosearch.zoo.efficientnet import edgetpu
from cosearch.zoo.table import Row


def _stage(row: Row) -> Stage:
    """Layers, operator, kernel, expansion, channels."""
    layers = row.repeats
    return stagewise(
        row,
        {
            "repeats": tuple(range(max(1, layers - 1), layers + 2)),
            "operator": ("ibn", "fused"),
            "kernel": (3, 5),
            "expansion": (4, 8),
            "channels": widths(row.channels, (0.75, 1.0, 1.25)),
        },
    )


efficientnet_edgetpu_family = around(
    "efficientnet-edgetpu",
    {"efficientnet-edgetpu-s": edgetpu(1.0, 1.0)},
    _stage,
    "arXiv 2003.02838",
)
