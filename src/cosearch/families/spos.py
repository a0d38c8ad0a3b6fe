"""The space of Single Path One-Shot (Guo et al. 2020, arXiv 1904.00420): 4^20 networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cosearch.families.chain import Chain, ChainFamily, Live, Slot
from cosearch.networks import Builder
from cosearch.space import Knob, Space
from cosearch.zoo import spos

IMAGE: Final = (3, 224, 224)
LAYERS: Final = sum(blocks for _, blocks in spos.STAGES)


def spos_family() -> ChainFamily:
    """One of four ShuffleNetV2 units in each of 20 layers; channels fixed."""
    knobs = tuple(Knob(layer.name, spos.CHOICES) for layer in layers())
    slots = tuple(
        Slot(layer.name, (layer.name,), Unit(layer.channels, layer.stride)) for layer in layers()
    )
    released = {knob.name: knob.choices[i] for knob, i in zip(knobs, spos.RELEASED, strict=True)}
    return ChainFamily(
        Chain("spos", Space(knobs), macro(slots), (IMAGE,), norm_eps=spos.NORM_EPS),
        {"released": released},
        "Guo et al. 2020, arXiv 1904.00420; megvii-model/SinglePathOneShot",
    )


@dataclass(frozen=True)
class Layer:
    """One of the 20 places of the macro architecture."""

    name: str
    channels: int
    stride: int


def layers() -> Iterator[Layer]:
    """Stages of 4, 4, 8 and 4 layers; the first of each strides."""
    for i, (channels, blocks) in enumerate(spos.STAGES):
        for j in range(blocks):
            yield Layer(f"stage{i}.block{j}", channels, 1 if j else 2)


def macro(slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """Stem and head around the layers."""
    return (Slot("stem", (), _stem), *slots, Slot("", (), _head))


@dataclass(frozen=True)
class Unit:
    """A layer's block."""

    channels: int
    stride: int

    def __call__(self, net: Builder, live: Live, name: str, choice: str) -> Live:
        """Grow the chosen unit."""
        return (spos.unit(net, live[0], self.channels, name, self.stride, choice),)


def _stem(net: Builder, live: Live, name: str) -> Live:
    return (spos.stem(net, live[0]),)


def _head(net: Builder, live: Live, name: str) -> Live:
    return (spos.head(net, live[0]),)
