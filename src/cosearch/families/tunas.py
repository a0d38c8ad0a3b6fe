"""The three spaces of TuNAS (arXiv 2008.06120), the first of them ProxylessNAS's (1812.00332).

As in google-research, tunas/mobile_search_space_v3.py. The sizes the authors give, about 1e21,
1e28 and 1e43, count the kernel and the expansion of skipped layers too: they are products of the
numbers of choices. Fewer of those networks differ, and that is `space.size`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from cosearch.families.published import Point, Published
from cosearch.families.stages import Block, Choices, Plan, Stage
from cosearch.families.widths import MULTIPLIERS, nearest
from cosearch.networks.blocks.mobile import divisible
from cosearch.zoo import mnasnet, mobilenet, proxylessnas
from cosearch.zoo.table import Row, SqueezeRule, Table

_KERNELS: Final = (3, 5, 7)
_SHAPE: Final[Choices] = {"kernel": _KERNELS, "expansion": (3, 6)}
_PRESENT: Final = ("operator", ("ibn", "ibn_expanded"))
_GATES: Final = {"kernel": _PRESENT, "expansion": _PRESENT, "squeeze": _PRESENT}
_SOURCE: Final = "arXiv 2008.06120; google-research, tunas/mobile_search_space_v3.py"
# per stage: stride, layers
_PLACES: Final = ((2, 4), (2, 4), (2, 4), (1, 4), (2, 4), (1, 1))


def _proxyless_stages(channels: Sequence[tuple[int, ...]]) -> Iterator[Stage]:
    first, *rest = channels
    yield _stage(Row("ibn", 3, 1, 1, first[0]), 1, {"kernel": _KERNELS}, first)
    for (stride, layers), widths in zip(_PLACES, rest, strict=True):
        yield _stage(Row("ibn", 3, stride, 3, widths[0]), layers, _SHAPE, widths)


def _v3_stages(channels: Sequence[tuple[int, ...]]) -> Iterator[Stage]:
    choices: Choices = {
        "kernel": _KERNELS,
        "expansion": (1, 2, 3, 4, 5, 6),
        "squeeze": (0.0, 0.25),
    }
    stem = Row("ibn", 3, 1, 1, 16, activation="relu")
    separable: Choices = {"operator": ("ibn", "skip"), "kernel": _KERNELS}
    yield Stage((Block(stem, separable, ("stem",), _as_wide_as_stem),))
    for i, ((stride, layers), widths) in enumerate(zip(_PLACES[:5], channels, strict=True)):
        row = Row("ibn_expanded", 3, stride, 1, widths[0], activation="relu" if i < 2 else "")
        yield _stage(row, layers, choices, widths)


def _as_wide_as_stem(row: Row, chosen: dict[str, Any]) -> Row:
    return replace(row, channels=chosen.pop("stem"), **chosen)


def _stage(row: Row, layers: int, choices: Choices, channels: tuple[int, ...]) -> Stage:
    """One layer without a shortcut, then layers that may be skipped."""
    first = Block(replace(row, shortcut="none"), choices)
    later = Block(replace(row, stride=1), {"operator": (row.operator, "skip"), **choices})
    shared = {"channels": channels} if len(channels) > 1 else {}
    return Stage((first, *[later] * (layers - 1)), shared)


# Kernel and expansion of 21 layers, of which 15 may be skipped; kernel of the first.
proxylessnas_family = Published(
    Plan(
        "proxylessnas",
        Table(32, activation="relu6"),
        tuple(_proxyless_stages(((16,), (32,), (40,), (80,), (96,), (192,), (320,)))),
        gates=_GATES,
    ),
    {"proxylessnas-mobile": Point(proxylessnas.STAGES)},
    "arXiv 1812.00332",
)


def _enlarged() -> Published:
    """ProxylessNAS's space with seven multiples of every width."""
    stem, *channels, head = (
        nearest(base, MULTIPLIERS) for base in (16, 16, 16, 32, 64, 128, 256, 512, 1024)
    )
    plan = Plan(
        "proxylessnas-enlarged",
        Table(32, activation="relu6"),
        tuple(_proxyless_stages(channels)),
        outer={"stem": stem, "head": head},
        gates=_GATES,
    )
    ends = {"stem": 32, "head": 1280}
    points = {
        "mobilenet-v2-1.0": Point.of_rows(mobilenet.V2, **ends),
        "mnasnet-b1": Point.of_rows(mnasnet.B1, **ends),
        "proxylessnas-mobile": Point(proxylessnas.STAGES, ends),
    }
    return Published(plan, points, _SOURCE)


def _v3_like() -> Published:
    """Also six expansions, squeeze on or off, and the kernel of the stem."""
    stem, *channels, head, features = (
        nearest(base, MULTIPLIERS) for base in (16, 16, 32, 64, 128, 256, 512, 1024)
    )
    squeeze = SqueezeRule(of_expansion=True, rounding=divisible, activation="relu")
    plan = Plan(
        "mobilenet-v3-like",
        Table(16, activation="hswish", squeeze=squeeze),
        tuple(_v3_stages(channels)),
        outer={"stem": stem, "stem_kernel": (3, 5), "head": head, "features": features},
        gates=_GATES,
    )
    base = [[Row("ibn", 3, 1, 1, 16)]] + [
        [Row("ibn_expanded", 3, 1, 6, width)] * layers
        for width, (_, layers) in zip((16, 32, 64, 128, 256), _PLACES, strict=False)
    ]
    ends = {"stem": 16, "stem_kernel": 3, "head": 512, "features": 1024}
    return Published(plan, {"base": Point(base, ends)}, _SOURCE)


proxylessnas_enlarged_family = _enlarged()
mobilenet_v3_like_family = _v3_like()
