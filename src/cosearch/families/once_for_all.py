"""The MobileNetV3 space of Once-for-All (arXiv 1908.09791): (9^2 + 9^3 + 9^4)^5 sub-networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from cosearch.families.chain import ChainFamily
from cosearch.families.fitting import fitted
from cosearch.families.stages import RESOLUTION, Block, Plan, Stage, blockwise
from cosearch.networks.network import Shape
from cosearch.zoo.mobilenet_v3 import LARGE
from cosearch.zoo.staged import blocks
from cosearch.zoo.table import Row

# channels, stride, squeeze, activation of the five units
_UNITS: Final = (
    (24, 2, 0.0, "relu"),
    (40, 2, 0.25, "relu"),
    (80, 2, 0.0, "hswish"),
    (112, 1, 0.25, "hswish"),
    (160, 2, 0.25, "hswish"),
)
_FIRST: Final = Row("ibn", 3, 1, 1, 16, activation="relu")


def once_for_all_family(
    image: Shape = (3, 224, 224),
    classes: int = 1000,
    resolutions: tuple[int, ...] = (),
    *,
    width: float = 1.0,
    unstrided: int = 0,
) -> ChainFamily:
    """Depth of five units; kernel and expansion of each block; the resolution, if several."""
    plan = fitted(
        Plan(
            "once-for-all",
            replace(LARGE, rows=(), classes=classes),
            (Stage((Block(_FIRST),)), *_stages()),
            image,
            outer={RESOLUTION: resolutions} if resolutions else {},
        ),
        width,
        unstrided,
    )
    small, large = ({RESOLUTION: pick(resolutions)} if resolutions else {} for pick in (min, max))
    references = {
        "smallest": plan.values([[_FIRST], *_units(2, 3, 3)], **small),
        "largest": plan.values([[_FIRST], *_units(4, 7, 6)], **large),
    }
    return ChainFamily(plan.chain(), references, "arXiv 1908.09791; mit-han-lab/once-for-all")


def _stages() -> Iterator[Stage]:
    for unit in _units(4, 3, 3):
        row = replace(unit[0], repeats=len(unit))
        choices = {"kernel": (3, 5, 7), "expansion": (3, 4, 6)}
        yield blockwise(row, choices, {"repeats": (2, 3, 4)})


def _units(depth: int, kernel: int, expansion: int) -> Iterator[list[Row]]:
    """The units of a network whose blocks are alike."""
    for channels, stride, squeeze, activation in _UNITS:
        row = Row("ibn", kernel, stride, expansion, channels, depth, squeeze, activation)
        yield list(blocks(row))
