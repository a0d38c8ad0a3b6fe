"""Vision transformers at 224 pixels: width, depth and patch, and per block heads and MLP ratio.

The searchable dimensions of AutoFormer (Chen et al. 2021, arXiv 2107.00651), and the patch; the
choices are wide enough to hold ViT-Ti, -S and -B.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cosearch.families.chain import Chain, ChainFamily, Live, Slot
from cosearch.networks import Builder
from cosearch.networks.blocks.mobile import divisible
from cosearch.networks.blocks.transformer import encoder_block
from cosearch.networks.network import Shape
from cosearch.space import Choice, Knob, Space
from cosearch.zoo import vit

PATCHES: Final = (14, 16, 32)  # all divide 224
WIDTHS: Final = (192, 288, 384, 576, 768)
DEPTHS: Final = (6, 8, 10, 12)
HEADS: Final = (3, 6, 12)  # all divide every width
MLP_RATIOS: Final = (2, 3, 4)


def vit_family(
    classes: int = 1000,
    image: Shape = (3, vit.RESOLUTION, vit.RESOLUTION),
    patches: tuple[int, ...] = PATCHES,
    *,
    width: float = 1.0,
) -> ChainFamily:
    """Class token, learned positions, pre-norm blocks; ViT-Ti, -S and -B are points of it.

    Every patch must divide the image. Widths scale to multiples of 24: all numbers of heads
    divide them.
    """
    widths = tuple(dict.fromkeys(_scaled(base, width) for base in WIDTHS))
    slots = [Slot("", ("patch", "width"), _embed)]
    for name, least in _blocks():
        own = (f"{name}.heads", f"{name}.mlp_ratio")
        optional = least > min(DEPTHS)
        slots.append(
            Slot(name, ("depth", *own), _Optional(least)) if optional else Slot(name, own, _block)
        )
    slots.append(Slot("", (), _Head(classes)))
    return ChainFamily(
        Chain("vit", Space(list(_knobs(patches, widths))), tuple(slots), (image,)),
        {
            name: _uniform(patches[len(patches) // 2], _scaled(base, width), heads)
            for name, (base, heads) in vit.SIZES.items()
        },
        "Dosovitskiy et al. 2021, arXiv 2010.11929; Chen et al. 2021, arXiv 2107.00651",
    )


def _blocks() -> Iterator[tuple[str, int]]:
    """(name, the least depth that has the block)."""
    for i in range(max(DEPTHS)):
        yield f"block{i}", min(depth for depth in DEPTHS if depth > i)


def _scaled(channels: int, width: float) -> int:
    return channels if width == 1 else divisible(channels * width, math.lcm(8, *HEADS))


def _knobs(patches: tuple[int, ...], widths: tuple[int, ...]) -> Iterator[Knob]:
    yield Knob("patch", patches)
    yield Knob("width", widths)
    yield Knob("depth", DEPTHS)
    for name, least in _blocks():
        deep = tuple(depth for depth in DEPTHS if depth >= least)
        when = {"depth": deep} if len(deep) < len(DEPTHS) else {}
        yield Knob(f"{name}.heads", HEADS, when)
        yield Knob(f"{name}.mlp_ratio", MLP_RATIOS, when)


def _uniform(patch: int, width: int, heads: int) -> dict[str, Choice]:
    """Twelve equal blocks with an MLP of four times the width."""
    blocks = {
        knob: value
        for name, _ in _blocks()
        for knob, value in ((f"{name}.heads", heads), (f"{name}.mlp_ratio", 4))
    }
    return {"patch": patch, "width": width, "depth": 12, **blocks}


def _embed(net: Builder, live: Live, name: str, patch: int, width: int) -> Live:
    return (vit.embed(net, live[0], width, patch),)


def _block(net: Builder, live: Live, name: str, heads: int, mlp_ratio: int) -> Live:
    hidden = net.shape(live[0])[1] * mlp_ratio
    return (encoder_block(net, live[0], name, heads=heads, hidden=hidden, eps=vit.NORM_EPS),)


@dataclass(frozen=True)
class _Optional:
    """A block that only networks of `least` blocks or more have."""

    least: int

    def __call__(
        self, net: Builder, live: Live, name: str, depth: int, heads: int, mlp_ratio: int
    ) -> Live:
        return live if depth < self.least else _block(net, live, name, heads, mlp_ratio)


@dataclass(frozen=True)
class _Head:
    classes: int

    def __call__(self, net: Builder, live: Live, name: str) -> Live:
        return (vit.classify(net, live[0], classes=self.classes),)
