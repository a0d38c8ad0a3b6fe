"""The space of NASNet (Zoph et al. 2018, arXiv 1707.07012): a normal and a reduction cell.

Five blocks a cell, five decisions a block: two states, an operator for each, and how to combine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.families.nasnet_tables import BLOCKS, Choices, NasnetTables
from cosearch.networks import Layers, Network
from cosearch.networks.blocks.nasnet import COMBINES, OPERATORS, Block, Cell
from cosearch.networks.layers import unpack
from cosearch.space import Choice, Knob, Space
from cosearch.zoo.nasnet import MOBILE, NORMAL, REDUCTION, Macro, nasnet

_DECISIONS: Final = ("left", "left_operator", "right", "right_operator", "combine")
_CELLS: Final = {"normal": NORMAL, "reduction": REDUCTION}


@dataclass(frozen=True)
class NasnetFamily:
    """All pairs of cells, stacked as `macro` says.

    Cells put out the states no block reads. The released NASNet-A puts out one more, state 1 of
    the normal and 3 of the reduction cell, though blocks read it; so that it is a point of the
    space, all cells here do. Empty tuples give the paper's rule.
    """

    macro: Macro = MOBILE
    normal_keep: tuple[int, ...] = NORMAL.keep
    reduction_keep: tuple[int, ...] = REDUCTION.keep
    name: str = "nasnet"

    @property
    def source(self) -> str:
        """Where the space was published."""
        return "arXiv 1707.07012"

    @cached_property
    def space(self) -> Space:
        """Fifty ungated knobs."""
        return Space([knob for cell in _CELLS for knob in _knobs(cell)])

    @property
    def references(self) -> Mapping[str, Mapping[str, Choice]]:
        """NASNet-A."""
        values = {
            f"{name}.block{i}.{decision}": getattr(block, decision)
            for name, cell in _CELLS.items()
            for i, block in enumerate(cell.blocks)
            for decision in _DECISIONS
        }
        return {"nasnet-a": values}

    def network(self, genome: Int[ndarray, " d"]) -> Network:
        """Build the graph of one genome."""
        genome = self.space.validate(genome)[0]
        values: list[Any] = [
            knob.choices[i] for knob, i in zip(self.space.knobs, genome, strict=True)
        ]
        blocks = [
            Block(*values[i : i + len(_DECISIONS)]) for i in range(0, len(values), len(_DECISIONS))
        ]
        normal = Cell(tuple(blocks[:BLOCKS]), self.normal_keep)
        reduction = Cell(tuple(blocks[BLOCKS:]), self.reduction_keep)
        return nasnet(self.name, self.macro, normal, reduction)

    def decode(self, genomes: Int[ndarray, "n d"]) -> Layers:
        """Cost rows (n, L) of many genomes, int32, gathered from tables of operators."""
        normal, reduction = np.split(self.space.validate(genomes), 2, axis=1)
        rows = self._tables.gather(
            Choices.of(normal, self.normal_keep), Choices.of(reduction, self.reduction_keep)
        )
        return unpack(rows)

    @cached_property
    def _tables(self) -> NasnetTables:
        return NasnetTables.of(self.macro)


def _knobs(cell: str) -> Iterator[Knob]:
    for i in range(BLOCKS):
        states, operators = tuple(range(i + 2)), tuple(OPERATORS)
        choices: tuple[tuple[Choice, ...], ...] = (states, operators, states, operators, COMBINES)
        for decision, options in zip(_DECISIONS, choices, strict=True):
            yield Knob(f"{cell}.block{i}.{decision}", options)
