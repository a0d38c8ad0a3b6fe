"""The blocks that the networks of a chain consist of, each built once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch

from cosearch.deep.supernet.block import Block, Genome, Shapes, grown
from cosearch.deep.supernet.operators import Operators
from cosearch.deep.supernet.sharing import Sharing
from cosearch.errors import CosearchError
from cosearch.families.chain import Values
from cosearch.networks.network import Shape

CACHED: Final = 20_000  # blocks hold no weights: some kilobytes each


class Paths:
    """From genomes to blocks. `sizes` are those of the shared tensors, by name."""

    def __init__(self, sharing: Sharing, affine: bool, sizes: Mapping[str, torch.Size]) -> None:
        self._sharing, self._sizes, self._operators = sharing, sizes, Operators(affine)
        self._chain = sharing.chain
        self._blocks: dict[tuple[int, Shapes, Values], Block] = {}
        chain = self._chain
        self._columns = [[chain.column(name) for name in slot.knobs] for slot in chain.slots]

    def of(self, genome: Genome) -> tuple[Block, ...]:
        """The blocks of a network, in order."""
        space = self._chain.space
        genome = space.canonical(space.validate(genome))[0]
        chosen = [knob.choices[i] for knob, i in zip(space.knobs, genome, strict=True)]
        shapes: Shapes = (self._input(genome),)
        blocks = []
        for i, columns in enumerate(self._columns):
            blocks.append(self.block(i, shapes, tuple(chosen[column] for column in columns)))
            shapes = blocks[-1].shapes
        return tuple(blocks)

    def block(self, i: int, shapes: Shapes, values: Values) -> Block:
        """What slot `i` grows on tensors of these shapes."""
        key = (i, shapes, values)
        if key not in self._blocks:
            if len(self._blocks) >= CACHED:
                self._blocks.clear()
            self._blocks[key] = self._built(*key)
        return self._blocks[key]

    def _built(self, i: int, shapes: Shapes, values: Values) -> Block:
        slot = self._chain.slots[i]
        graph = grown(self._chain, slot, shapes, values)
        block = Block(*graph, self._sharing.naming(slot, values), self._operators)
        for loan in block.loans:
            whole, part = self._sizes.get(loan.key, ()), loan.place.shape
            if len(whole) != len(part) or any(a > b for a, b in zip(part, whole, strict=True)):
                raise CosearchError(
                    f"supernet of {self._chain.name!r}: {loan.node} with {values} needs "
                    f"{tuple(part)} of {loan.key!r}, which has {tuple(whole)}"
                )
        return block

    def _input(self, genome: Genome) -> Shape:
        column = self._chain.column(self._chain.resolution)
        return self._chain.inputs[genome[column] if column >= 0 else 0]
