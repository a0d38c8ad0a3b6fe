"""The datacentre space of EfficientNet-X (arXiv 2102.05610), about B0.

Per stage: layers, operator (inverted or fused inverted bottleneck), kernel, expansion, squeeze,
activation, channels; for the network, space-to-depth. The paper names these choices; its values
are B0's and their neighbours. Its space-to-batch does not change a network's graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from cosearch.families.chain import ChainFamily
from cosearch.families.fitting import fitted
from cosearch.families.stages import Block, Choices, Plan, Stage, stagewise
from cosearch.families.widths import widths
from cosearch.networks.network import Shape
from cosearch.zoo.efficientnet import B0
from cosearch.zoo.staged import blocks
from cosearch.zoo.table import Row, Table

_RESHAPE: Final = "space_to_depth"
_FIRST_WIDTH: Final = "stage1.channels"
_RESTORES: Final = 1  # of EfficientNet's stages: its stride is that of space-to-depth
# operator and activation of EfficientNet-X-B0's stages, else EfficientNet-B0's with a squeeze as
# wide as the block's input
_X_B0: Final = (
    ("ibn", "relu"),
    ("fused", "swish"),
    ("fused", "swish"),
    ("ibn", "relu"),
    ("ibn", "relu"),
    ("ibn", "relu"),
    ("ibn", "relu"),
)


def efficientnet_x_family(
    image: Shape = (3, 224, 224),
    classes: int = 1000,
    *,
    width: float = 1.0,
    unstrided: int = 0,
) -> ChainFamily:
    """Stage 0 is space-to-depth, or nothing; stages 1 to 7 are EfficientNet's."""
    plan = Plan(
        "efficientnet-x",
        Table(32, classes=classes),
        tuple(_stages()),
        image,
        outer={_RESHAPE: (1, 2)},
    )
    plan = fitted(plan, width, unstrided, keep=(_RESTORES,))
    plan = replace(plan, stages=(_space_to_depth(plan.table.stem), *plan.stages))
    rows = [
        replace(row, operator=operator, activation=activation, squeeze=1.0)
        for row, (operator, activation) in zip(B0, _X_B0, strict=True)
    ]
    reference = plan.values([[], *(list(blocks(row)) for row in rows)], **{_RESHAPE: 2})
    return ChainFamily(plan.chain(), {"efficientnet-x-b0": reference}, "arXiv 2102.05610")


def _stages() -> Iterator[Stage]:
    for i, row in enumerate(B0):
        stage = stagewise(row, _choices(row))
        if i == 0:
            first, *rest = (replace(b, reads=(_RESHAPE,), read=_reshaped) for b in stage.blocks)
            stage = replace(stage, blocks=(replace(first, read=_reshaped_first), *rest))
        if i == _RESTORES:
            last = replace(stage.blocks[0], reads=(_RESHAPE, _FIRST_WIDTH), read=_shape_restored)
            stage = replace(stage, blocks=(last, *stage.blocks[1:]))
        yield stage


def _choices(row: Row) -> Choices:
    layers = row.repeats
    expanding: Choices = {"operator": ("ibn", "fused"), "expansion": (4, 6)}
    return {
        "repeats": tuple(range(max(1, layers - 1), layers + 2)),
        **(expanding if row.expansion != 1 else {}),
        "kernel": (3, 5),
        "squeeze": (0.25, 1.0),
        "activation": ("relu", "swish"),
        "channels": widths(row.channels, (0.75, 1.0, 1.25)),
    }


# ---- space-to-depth: half the resolution and four times the channels, up to the first stride


def _space_to_depth(stem: int) -> Stage:
    return Stage((Block(Row("conv", 2, 2, 1, 4 * stem), reads=(_RESHAPE,), read=_fold),))


def _fold(row: Row, chosen: dict[str, Any]) -> Row:
    return row if chosen[_RESHAPE] == 2 else Row("skip", 1, 1, 1, row.channels // 4)


def _reshaped(row: Row, chosen: dict[str, Any]) -> Row:
    reshape = chosen.pop(_RESHAPE)
    row = replace(row, **chosen)
    if reshape == 1:
        return row
    return replace(row, kernel=(row.kernel + 1) // 2, channels=4 * row.channels)


def _reshaped_first(row: Row, chosen: dict[str, Any]) -> Row:
    """The squeeze is as wide as it would be without."""
    folded = chosen[_RESHAPE] == 2
    row = _reshaped(row, chosen)
    return replace(row, squeeze=row.squeeze / 4) if folded else row


def _shape_restored(row: Row, chosen: dict[str, Any]) -> Row:
    """The stride is taken already; the expansion counts from the width that was not folded."""
    reshape, width = chosen.pop(_RESHAPE), chosen.pop(_FIRST_WIDTH)
    row = replace(row, **chosen)
    return replace(row, stride=1, source=width) if reshape == 2 else row
