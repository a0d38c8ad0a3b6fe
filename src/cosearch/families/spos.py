"""The space of Single Path One-Shot (Guo et al. 2020, arXiv 1904.00420): 4^20 networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cosearch.families.chain import Chain, ChainFamily, Live, Slot
from cosearch.families.widths import scaled_width
from cosearch.networks import Builder
from cosearch.networks.network import Shape
from cosearch.space import Knob, Space
from cosearch.zoo import spos

IMAGE: Final = (3, 224, 224)
LAYERS: Final = sum(blocks for _, blocks in spos.STAGES)


def spos_family(
    image: Shape = IMAGE, classes: int = 1000, *, width: float = 1.0, unstrided: int = 0
) -> ChainFamily:
    """One of four ShuffleNetV2 units in each of 20 layers; channels fixed."""
    size = Macro(image, classes, width, unstrided)
    knobs = tuple(Knob(layer.name, spos.CHOICES) for layer in size.layers())
    slots = tuple(
        Slot(layer.name, (layer.name,), Unit(layer.channels, layer.stride))
        for layer in size.layers()
    )
    released = {knob.name: knob.choices[i] for knob, i in zip(knobs, spos.RELEASED, strict=True)}
    return ChainFamily(
        Chain("spos", Space(knobs), size.slots(slots), (image,), norm_eps=spos.NORM_EPS),
        {"released": released},
        "Guo et al. 2020, arXiv 1904.00420; megvii-model/SinglePathOneShot",
    )


@dataclass(frozen=True)
class Layer:
    """One of the 20 places of the macro architecture."""

    name: str
    channels: int
    stride: int


@dataclass(frozen=True)
class Macro:
    """What stands around the choices: images, channels, and how many of the strides are 1."""

    image: Shape = IMAGE
    classes: int = 1000
    width: float = 1.0
    unstrided: int = 0

    def layers(self) -> Iterator[Layer]:
        """Stages of 4, 4, 8 and 4 layers; the first of each strides."""
        for i, (channels, blocks) in enumerate(spos.STAGES):
            stride = 1 if i < self.unstrided - 1 else 2
            for j in range(blocks):
                width = scaled_width(channels, self.width)
                yield Layer(f"stage{i}.block{j}", width, 1 if j else stride)

    def slots(self, slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
        """Stem and head around the layers."""
        stem = _Stem(scaled_width(spos.STEM, self.width), 1 if self.unstrided else 2)
        head = _Head(scaled_width(spos.HEAD, self.width), self.classes)
        return (Slot("stem", (), stem), *slots, Slot("", (), head))


FULL: Final = Macro()  # as published


@dataclass(frozen=True)
class Unit:
    """A layer's block."""

    channels: int
    stride: int

    def __call__(self, net: Builder, live: Live, name: str, choice: str) -> Live:
        """Grow the chosen unit."""
        return (spos.unit(net, live[0], self.channels, name, self.stride, choice),)


@dataclass(frozen=True)
class _Stem:
    width: int
    stride: int

    def __call__(self, net: Builder, live: Live, name: str) -> Live:
        return (spos.stem(net, live[0], width=self.width, stride=self.stride),)


@dataclass(frozen=True)
class _Head:
    width: int
    classes: int

    def __call__(self, net: Builder, live: Live, name: str) -> Live:
        return (spos.head(net, live[0], classes=self.classes, width=self.width),)
