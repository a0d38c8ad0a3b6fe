"""The mobile network space: stages of inverted and fused inverted bottlenecks.

Per stage a width and a depth, per block the operator, kernel and expansion: the choices of
MnasNet and of the evolved space of NAHAS (arXiv 2102.08619), at a size to suit the images.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from jaxtyping import Int
from numpy import ndarray

from cosearch.families.chain import Chain, Live, Slot
from cosearch.families.growers import Head, Stem
from cosearch.networks import Builder, Layers, Network
from cosearch.networks.blocks import BLOCKS
from cosearch.networks.blocks.mobile import divisible
from cosearch.space import Choice, Knob, Space
from cosearch.zoo.table import Table

_NARROW: Final = (
    ((8, 12, 16), (1, 2), 1),
    ((16, 24, 32), (1, 2, 3), 2),
    ((24, 36, 48), (1, 2, 3), 2),
)


@dataclass(frozen=True)
class Stage:
    """Blocks of one resolution and width."""

    widths: tuple[int, ...]
    depths: tuple[int, ...]
    stride: int


@dataclass(frozen=True)
class MobileFamily:
    """The space for images of one size. Immutable data: equal fields, equal family."""

    input_shape: tuple[int, int, int]
    classes: int
    stem_width: int = 16
    stem_stride: int = 1
    stages: tuple[Stage, ...] = (
        Stage((12, 16, 24), (1, 2), 1),
        Stage((24, 32, 40), (1, 2, 3), 2),
        Stage((40, 56, 72), (1, 2, 3), 2),
    )
    operators: tuple[str, ...] = ("ibn", "fused")
    kernels: tuple[int, ...] = (3, 5)
    expansions: tuple[int, ...] = (2, 4, 6)
    head_width: int = 128
    activation: str = "relu"
    name: str = "mobile"

    @classmethod
    def for_images(
        cls, channels: int, size: int, classes: int, *, width: float = 1.0
    ) -> MobileFamily:
        """The member of the family that suits square images of `size` pixels.

        Below 24 pixels it is narrow; from 24 the stem strides by 2; from 48 a stage is added.
        """
        if size < 24:
            stages = tuple(Stage(*row) for row in _NARROW)
            narrow = cls(
                (channels, size, size), classes, 8, 1, stages, expansions=(2, 3, 4), head_width=64
            )
            return narrow.scaled(width)
        stages = cls.stages
        if size >= 48:
            stages = (*stages, Stage((72, 96, 120), (1, 2, 3), 2))
        return cls((channels, size, size), classes, stem_stride=2, stages=stages).scaled(width)

    def scaled(self, width: float) -> MobileFamily:
        """All channels times `width`, to multiples of 4, as these are."""
        if width == 1:
            return self
        stages = tuple(
            replace(stage, widths=tuple(dict.fromkeys(_scaled(w, width) for w in stage.widths)))
            for stage in self.stages
        )
        stem, head = _scaled(self.stem_width, width), _scaled(self.head_width, width)
        return replace(self, stem_width=stem, stages=stages, head_width=head)

    @property
    def source(self) -> str:
        """Whose choices these are."""
        return "ours, after arXiv 1807.11626 and arXiv 2102.08619"

    # ---- space

    @cached_property
    def space(self) -> Space:
        """Stage widths and depths; per block operator, kernel and expansion, gated by depth."""
        knobs: list[Knob] = []
        for i, stage in enumerate(self.stages):
            knobs += [Knob(f"stage{i}.width", stage.widths), Knob(f"stage{i}.depth", stage.depths)]
            for j in range(max(stage.depths)):
                deep = tuple(depth for depth in stage.depths if depth > j)
                when = {} if len(deep) == len(stage.depths) else {f"stage{i}.depth": deep}
                prefix = f"stage{i}.block{j}."
                knobs += [
                    Knob(prefix + "operator", self.operators, when),
                    Knob(prefix + "kernel", self.kernels, when),
                    Knob(prefix + "expansion", self.expansions, when),
                ]
        return Space(knobs)

    @property
    def references(self) -> Mapping[str, Mapping[str, Choice]]:
        """The smallest and the largest network, and one in the middle."""
        return {
            name: {knob.name: knob.choices[pick(len(knob.choices))] for knob in self.space.knobs}
            for name, pick in _REFERENCE_PICKS.items()
        }

    # ---- networks

    def network(self, genome: Int[ndarray, " d"]) -> Network:
        """Build the graph of one genome."""
        return self.chain.network(genome)

    def decode(self, genomes: Int[ndarray, "n d"]) -> Layers:
        """Cost rows (n, L) of many genomes; blocks beyond a stage's depth are padding."""
        return self.chain.decode(genomes)

    @cached_property
    def chain(self) -> Chain:
        """The space with the slots that read it."""
        table = Table(
            self.stem_width,
            head=self.head_width,
            classes=self.classes,
            activation=self.activation,
            stem_stride=self.stem_stride,
        )
        slots = [Slot("stem", (), Stem(table, ()))]
        for i, stage in enumerate(self.stages):
            shared = (f"stage{i}.width", f"stage{i}.depth")
            for j in range(max(stage.depths)):
                name = f"stage{i}.block{j}"
                own = tuple(f"{name}.{knob}" for knob in ("operator", "kernel", "expansion"))
                grow = _Block(j, stage.stride if j == 0 else 1, self.activation)
                slots.append(Slot(name, (*shared, *own), grow))
        slots.append(Slot("", (), Head(table, ())))
        return Chain(self.name, self.space, tuple(slots), (self.input_shape,))


def _scaled(channels: int, width: float) -> int:
    return divisible(channels * width, 4)


@dataclass(frozen=True)
class _Block:
    """Block `index` of a stage: nothing where the stage is not so deep."""

    index: int
    stride: int
    activation: str

    def __call__(
        self,
        net: Builder,
        live: Live,
        name: str,
        width: int,
        depth: int,
        operator: str,
        kernel: int,
        expansion: int,
    ) -> Live:
        if depth <= self.index:
            return live
        block = BLOCKS[operator](
            net,
            live[0],
            width,
            name,
            kernel=kernel,
            expansion=expansion,
            stride=self.stride,
            activation=self.activation,
        )
        return (block,)


_REFERENCE_PICKS: Final[dict[str, Callable[[int], int]]] = {
    "smallest": lambda choices: 0,
    "middle": lambda choices: choices // 2,
    "largest": lambda choices: choices - 1,
}
