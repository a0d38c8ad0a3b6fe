"""Around MobileNetV3 (arXiv 1905.02244): what its search and NetAdapt change block by block."""

from __future__ import annotations

from typing import Final

from cosearch.families.published import around
from cosearch.families.stages import Choices, Stage, blockwise
from cosearch.families.widths import widths
from cosearch.zoo.mobilenet_v3 import LARGE, LARGE_075, SMALL, SMALL_075
from cosearch.zoo.table import Row

_EXPANSIONS: Final = (2.0, 2.3, 2.5, 3.0, 88 / 24, 4.0, 4.5, 6.0)  # those of both networks
_NARROWER: Final = (0.75, 1.0)
_SOURCE: Final = "arXiv 1905.02244"


def _stage(row: Row) -> Stage:
    """Kernel, expansion and squeeze of each block, channels of the stage."""
    choices: Choices = {"kernel": (3, 5), "expansion": _EXPANSIONS, "squeeze": (0.0, 0.25)}
    channels = widths(row.channels, _NARROWER)
    return blockwise(row, choices, {"channels": channels} if len(channels) > 1 else {})


mobilenet_v3_large_family = around(
    "mobilenet-v3-large",
    {"mobilenet-v3-large": LARGE, "mobilenet-v3-large-0.75": LARGE_075},
    _stage,
    _SOURCE,
    outer={"head": widths(LARGE.head, _NARROWER)},
)
mobilenet_v3_small_family = around(
    "mobilenet-v3-small",
    {"mobilenet-v3-small": SMALL, "mobilenet-v3-small-0.75": SMALL_075},
    _stage,
    _SOURCE,
    outer={"head": widths(SMALL.head, _NARROWER)},
)
