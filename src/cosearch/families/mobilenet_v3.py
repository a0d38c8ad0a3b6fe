"""Around MobileNetV3 (arXiv 1905.02244): what its search and NetAdapt change block by block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from cosearch.families.chain import ChainFamily
from cosearch.families.fitting import fitted
from cosearch.families.stages import Choices, Plan, Stage, blockwise
from cosearch.families.widths import widths
from cosearch.networks.network import Shape
from cosearch.zoo.mobilenet_v3 import LARGE, LARGE_075, SMALL, SMALL_075
from cosearch.zoo.staged import blocks
from cosearch.zoo.table import Row, Table

_NETWORKS: Final[Mapping[str, Mapping[str, Table]]] = {
    "mobilenet-v3-large": {"mobilenet-v3-large": LARGE, "mobilenet-v3-large-0.75": LARGE_075},
    "mobilenet-v3-small": {"mobilenet-v3-small": SMALL, "mobilenet-v3-small-0.75": SMALL_075},
}
_EXPANSIONS: Final = (2.0, 2.3, 2.5, 3.0, 88 / 24, 4.0, 4.5, 6.0)  # those of both networks


def mobilenet_v3_family(
    name: str = "mobilenet-v3-large",
    image: Shape = (3, 224, 224),
    classes: int = 1000,
    *,
    width: float = 1.0,
    unstrided: int = 0,
) -> ChainFamily:
    """Kernel, expansion and squeeze of each block, channels of each stage and the head."""
    tables = _NETWORKS[name]
    base = tables[name]
    plan = fitted(
        Plan(
            name,
            replace(base, rows=(), classes=classes),
            tuple(_stage(row) for row in base.rows),
            image,
            outer={"head": widths(base.head, (0.75, 1.0))},
        ),
        width,
        unstrided,
    )
    references = {
        network: plan.values([list(blocks(row)) for row in table.rows], head=table.head)
        for network, table in tables.items()
    }
    return ChainFamily(plan.chain(), references, "arXiv 1905.02244")


def _stage(row: Row) -> Stage:
    choices: Choices = {"kernel": (3, 5), "expansion": _EXPANSIONS, "squeeze": (0.0, 0.25)}
    channels = widths(row.channels, (0.75, 1.0))
    return blockwise(row, choices, {"channels": channels} if len(channels) > 1 else {})
