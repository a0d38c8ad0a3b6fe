"""The space of FBNet (arXiv 1812.03443): one of nine blocks in each of 22 layers, 9^22 networks.

Blocks that do not expand have a first 1x1 in the paper, and none in the released FBNet-A, B and C;
the head is 1504 or 1984 wide. The macro architecture for CIFAR is HW-NAS-Bench's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from cosearch.families.chain import ChainFamily
from cosearch.families.fitting import fitted
from cosearch.families.stages import Block, Plan, Stage
from cosearch.networks.network import Shape
from cosearch.space import Choice
from cosearch.zoo import fbnet
from cosearch.zoo.table import Row, Table

BLOCKS: Final = ("k3e1", "k3e1g2", "k3e3", "k3e6", "k5e1", "k5e1g2", "k5e3", "k5e6", "-")
_LAYERS: Final = (1, 4, 4, 4, 4, 4, 1)
_CIFAR_STRIDES: Final = (1, 1, 2, 2, 1, 2, 1)
NETWORKS: Final = {
    "fbnet-a": fbnet.A,
    "fbnet-b": fbnet.B,
    "fbnet-c": fbnet.C,
    "fbnet-iphonex": fbnet.IPHONE_X,
    "fbnet-s8": fbnet.S8,
}


def fbnet_family(
    *,
    always_expand: bool = True,
    head: int = 1984,
    image: Shape = (3, 224, 224),
    classes: int = 1000,
    width: float = 1.0,
    unstrided: int = 0,
) -> ChainFamily:
    """The space for ImageNet."""
    table = Table(16, head=head, classes=classes, norm_eps=fbnet.NORM_EPS)
    strides = tuple(stride for _, stride in fbnet.STAGES)
    plan = _plan("fbnet", table, strides, always_expand, image)
    return _family(fitted(plan, width, unstrided))


def fbnet_cifar_family(
    image: Shape = (3, 32, 32), classes: int = 100, *, width: float = 1.0
) -> ChainFamily:
    """The space for CIFAR: the stem and the second stage do not stride."""
    table = Table(16, head=1504, classes=classes, norm_eps=fbnet.NORM_EPS, stem_stride=1)
    plan = _plan("fbnet-cifar", table, _CIFAR_STRIDES, True, image)
    return _family(fitted(plan, width, 1))


def _plan(
    name: str, table: Table, strides: tuple[int, ...], always_expand: bool, image: Shape
) -> Plan:
    operator = "ibn_expanded" if always_expand else "ibn"
    shapes = zip(fbnet.STAGES, strides, _LAYERS, strict=True)
    stages = tuple(
        Stage(tuple(_layer(operator, stride if j == 0 else 1, width) for j in range(layers)))
        for (width, _), stride, layers in shapes
    )
    return Plan(name, table, stages, image)


def _family(plan: Plan) -> ChainFamily:
    references = {network: values(codes) for network, codes in NETWORKS.items()}
    return ChainFamily(plan.chain(), references, "arXiv 1812.03443")


def _layer(operator: str, stride: int, channels: int) -> Block:
    row = Row(operator, 3, stride, 1, channels)
    return Block(row, {"operator": BLOCKS}, read=_read)


def _read(row: Row, chosen: dict[str, Any]) -> Row:
    return replace(
        fbnet.decode(chosen["operator"], row.operator), stride=row.stride, channels=row.channels
    )


def values(codes: tuple[str, ...]) -> dict[str, Choice]:
    """Knob values of a network, given as its blocks' codes by stage."""
    return {
        f"stage{i}.block{j}.operator": code
        for i, stage in enumerate(codes)
        for j, code in enumerate(stage.split())
    }
