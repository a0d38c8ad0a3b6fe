"""The mobile network space: stages of inverted and fused inverted bottlenecks.

Per stage a width and a depth, per block the operator, kernel and expansion: the choices of
MnasNet and of the evolved space of NAHAS (arXiv 2102.08619), at a size to suit the images.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.networks import Builder, Layers, Network
from cosearch.networks.blocks import BLOCKS
from cosearch.networks.layers import LAYER_FIELDS, unpack
from cosearch.space import Choice, Knob, Space

_NARROW: Final = (
    ((8, 12, 16), (1, 2), 1),
    ((16, 24, 32), (1, 2, 3), 2),
    ((24, 36, 48), (1, 2, 3), 2),
)
ROWS_PER_BLOCK: Final = 4  # expand, depthwise, project, add


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
    def for_images(cls, channels: int, size: int, classes: int) -> MobileFamily:
        """The member of the family that suits square images of `size` pixels.

        Below 24 pixels it is narrow; from 24 the stem strides by 2; from 48 a stage is added.
        """
        if size < 24:
            stages = tuple(Stage(*row) for row in _NARROW)
            return cls(
                (channels, size, size), classes, 8, 1, stages, expansions=(2, 3, 4), head_width=64
            )
        stages = cls.stages
        if size >= 48:
            stages = (*stages, Stage((72, 96, 120), (1, 2, 3), 2))
        return cls((channels, size, size), classes, stem_stride=2, stages=stages)

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

    # ---- one network

    def network(self, genome: Int[ndarray, " d"]) -> Network:
        """Build the graph of one genome."""
        value: dict[str, Any] = self.space.values(np.asarray(genome))
        net = Builder(self.name, self.input_shape)
        x = self._stem(net)
        for i, stage in enumerate(self.stages):
            for j in range(value[f"stage{i}.depth"]):
                choice = {k: value[f"stage{i}.block{j}.{k}"] for k in _BLOCK_KNOBS}
                stride = stage.stride if j == 0 else 1
                x = self._block(
                    net, x, f"stage{i}.block{j}", value[f"stage{i}.width"], stride, choice
                )
        self._head(net, x)
        return net.build()

    def _stem(self, net: Builder) -> str:
        return net.conv(
            "input",
            self.stem_width,
            "stem",
            kernel=3,
            stride=self.stem_stride,
            activation=self.activation,
        )

    def _block(
        self, net: Builder, x: str, name: str, width: int, stride: int, choice: Mapping[str, Any]
    ) -> str:
        return BLOCKS[choice["operator"]](
            net,
            x,
            width,
            name,
            kernel=choice["kernel"],
            expansion=choice["expansion"],
            stride=stride,
            activation=self.activation,
        )

    def _head(self, net: Builder, x: str) -> str:
        x = net.conv(x, self.head_width, "head", activation=self.activation)
        return net.linear(net.global_pool(x, "pool"), self.classes, "classifier")

    # ---- many networks: gather rows from tables of distinct blocks, building no graphs

    def decode(self, genomes: Int[ndarray, "n d"]) -> Layers:
        """Cost rows (n, L) of many genomes; blocks beyond a stage's depth are padding."""
        genomes = np.asarray(genomes)
        column = {knob.name: genomes[:, i] for i, knob in enumerate(self.space.knobs)}
        parts = [np.broadcast_to(self._stem_rows, (len(genomes), *self._stem_rows.shape))]
        source = np.zeros(len(genomes), dtype=np.int64)
        for i, stage in enumerate(self.stages):
            width = column[f"stage{i}.width"]
            depth = np.array(stage.depths)[column[f"stage{i}.depth"]]
            for j in range(max(stage.depths)):
                choices = [column[f"stage{i}.block{j}.{knob}"] for knob in _BLOCK_KNOBS]
                table = self._block_tables[i, j > 0]
                rows = table[(source if j == 0 else width, width, *choices)].copy()
                rows[depth <= j, :, _REPEAT] = 0
                parts.append(rows)
            source = width
        parts.append(self._head_rows[source])
        return unpack(np.concatenate(parts, axis=1))

    @cached_property
    def _stem_rows(self) -> ndarray:
        net = Builder(self.name, self.input_shape)
        self._stem(net)
        return net.build().layers.table(np.int64)

    @cached_property
    def _block_tables(self) -> dict[tuple[int, bool], ndarray]:
        """Rows by (source width, width, operator, kernel, expansion), per stage and first/later."""
        return {
            (i, later): self._block_table(i, later)
            for i in range(len(self.stages))
            for later in (False, True)
        }

    def _block_table(self, i: int, later: bool) -> ndarray:
        widths = self.stages[i].widths
        sources = widths if later else self._source_widths(i)
        size = self._resolution(i + 1 if later else i)
        axes: tuple[tuple[Any, ...], ...] = (
            sources,
            widths,
            self.operators,
            self.kernels,
            self.expansions,
        )
        table = np.zeros((*map(len, axes), ROWS_PER_BLOCK, len(LAYER_FIELDS)), dtype=np.int64)
        for index in itertools.product(*(range(len(axis)) for axis in axes)):
            source, width, *choice = (axis[k] for axis, k in zip(axes, index, strict=True))
            net = Builder(self.name, (source, *size))
            named = dict(zip(_BLOCK_KNOBS, choice, strict=True))
            self._block(net, "input", "b", width, 1 if later else self.stages[i].stride, named)
            rows = net.build().layers.table(np.int64)
            table[index][: len(rows)] = rows
        return table

    @cached_property
    def _head_rows(self) -> ndarray:
        size = self._resolution(len(self.stages))
        tables = []
        for width in self.stages[-1].widths:
            net = Builder(self.name, (width, *size))
            self._head(net, "input")
            tables.append(net.build().layers.table(np.int64))
        return np.stack(tables)

    def _source_widths(self, i: int) -> tuple[int, ...]:
        return (self.stem_width,) if i == 0 else self.stages[i - 1].widths

    def _resolution(self, stages: int) -> tuple[int, int]:
        """Height and width after the stem and the first `stages` stages."""
        size = self.input_shape[1:]
        for stride in (self.stem_stride, *(stage.stride for stage in self.stages[:stages])):
            size = (-(-size[0] // stride), -(-size[1] // stride))
        return size


_REFERENCE_PICKS: Final[dict[str, Callable[[int], int]]] = {
    "smallest": lambda choices: 0,
    "middle": lambda choices: choices // 2,
    "largest": lambda choices: choices - 1,
}
_BLOCK_KNOBS: Final = ("operator", "kernel", "expansion")
_REPEAT: Final = LAYER_FIELDS.index("repeat")
