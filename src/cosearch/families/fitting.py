"""A plan for other images: narrower, or with fewer strides.

Networks for 224 pixels halve them five times. Images of 32 would end as one pixel, so the first
strides become 1, as in FBNet's space for CIFAR.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from cosearch.families.stages import Block, Choices, Plan, Stage
from cosearch.families.widths import SCALED, scaled_row, scaled_width
from cosearch.zoo.table import Table

SMALL: Final = 96  # pixels; below, the first strides go


def strides_to_drop(pixels: int) -> int:
    """How many of a network's strides become 1: one per doubling that takes `pixels` to 96."""
    return 0 if pixels >= SMALL else 1 + strides_to_drop(2 * pixels)


def fitted(plan: Plan, width: float, unstrided: int, keep: Collection[int] = ()) -> Plan:
    """All channels times `width`, ends included; the first `unstrided` strides 1, the stem first.

    Stages in `keep` stride as they did. Choices that round to one width are one.
    """
    stages = _unstrided(plan.stages, unstrided - 1, keep)
    return replace(
        plan,
        table=_scaled_table(plan.table, width, plan.table.stem_stride if unstrided < 1 else 1),
        stages=tuple(_scaled_stage(stage, width) for stage in stages),
        outer=_scaled(plan.outer, width),
        width=width,
    )


def _unstrided(stages: tuple[Stage, ...], drop: int, keep: Collection[int]) -> Iterator[Stage]:
    for i, stage in enumerate(stages):
        first, *rest = stage.blocks
        if drop > 0 and first.row.stride > 1 and i not in keep:
            drop -= 1
            first = replace(first, row=replace(first.row, stride=1))
        yield replace(stage, blocks=(first, *rest))


def _scaled_table(table: Table, width: float, stem_stride: int) -> Table:
    return replace(
        table,
        stem=scaled_width(table.stem, width),
        head=scaled_width(table.head, width),
        features=scaled_width(table.features, width),
        stem_stride=stem_stride,
    )


def _scaled_stage(stage: Stage, width: float) -> Stage:
    blocks: tuple[Block, ...] = tuple(
        replace(block, row=scaled_row(block.row, width)) for block in stage.blocks
    )
    return Stage(blocks, _scaled(stage.shared, width))


def _scaled(choices: Choices, width: float) -> Choices:
    return {
        name: tuple(dict.fromkeys(scaled_width(int(option), width) for option in options))
        if name in SCALED
        else options
        for name, options in choices.items()
    }
