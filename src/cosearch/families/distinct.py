"""The distinct blocks of a space of chains, each a small network of its own.

What a genome costs by table is the sum of what its blocks cost. Blocks are told apart by what they
compute, not by where they stand: a key is a hash of the graph.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from cosearch.errors import CosearchError
from cosearch.families.chain import Chain, Compiler, Slot, Values
from cosearch.families.gather import SlotPart
from cosearch.networks import Network, fuse

FREE: Final = -1  # the number of a block that does nothing, such as a skipped layer
_DIGITS: Final = 16


@dataclass(frozen=True)
class Block:
    """One block alone: its input is what the blocks before it put out."""

    key: str  # of what it computes
    label: str  # for people: where it is found first, and what was chosen there
    network: Network


@dataclass(frozen=True)
class Blocks:
    """The blocks of a chain, each once, and which of them a genome has."""

    chain: Chain
    blocks: tuple[Block, ...]
    parts: tuple[SlotPart, ...]  # as the decoder's, but with numbers of `blocks`

    @property
    def fingerprint(self) -> str:
        """Of the space and all keys: it changes with the knobs, the images, and the operators."""
        keys = sorted(block.key for block in self.blocks)
        return _digest([self.chain.space.fingerprint, keys])

    def numbers(self, genomes: Int[ndarray, "n d"]) -> Int[ndarray, "n s"]:
        """Which of `blocks` each slot of each genome holds, or `FREE`."""
        genomes = self.chain.space.canonical(self.chain.space.validate(genomes))
        first = self.chain.column(self.chain.resolution)
        state = genomes[:, first] if first >= 0 else np.zeros(len(genomes), dtype=np.int64)
        found = np.empty((len(genomes), len(self.parts)), dtype=np.int64)
        for i, (columns, sizes, numbers, following) in enumerate(self.parts):
            code = state
            for column, size in zip(columns, sizes, strict=True):
                code = code * size + genomes[:, column]
            found[:, i] = np.asarray(numbers)[code]
            state = np.asarray(following)[code]
        return found


def blocks_of(family: Any) -> Blocks:
    """The distinct blocks of `family`.

    Raises `CosearchError` for a family that is no chain, or one whose blocks give away more than
    what they compute last: such a block cannot stand alone.
    """
    chain = getattr(family, "chain", None)
    if not isinstance(chain, Chain):
        raise CosearchError(f"space {family.name!r} is no chain of blocks: it has no table of them")
    built: list[tuple[str, Network]] = []
    compiler = Compiler(chain, lambda *block: built.append((_label(*block), _alone(*block))))
    parts = compiler.parts()
    blocks: dict[str, Block] = {}
    for label, network in built:
        if network.bounds:
            key = block_key(network)
            blocks.setdefault(key, Block(key, label, Network(label, network.nodes)))
    places = {key: i for i, key in enumerate(blocks)}
    numbers = [places[block_key(net)] if net.bounds else FREE for _, net in built]
    return Blocks(
        chain, tuple(blocks.values()), tuple(_renumbered(part, numbers) for part in parts)
    )


def block_key(network: Network) -> str:
    """16 hex digits of the SHA-256 of a graph, whatever its nodes are called."""
    place = {node.name: i for i, node in enumerate(network.nodes)}
    return _digest(
        [
            [node.op, [place[name] for name in node.inputs], node.shape, dict(node.attributes)]
            for node in network.nodes
        ]
    )


def _digest(data: object) -> str:
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _alone(slot: Slot, values: Values, network: Network) -> Network:
    """The block as it runs; its work must all lead to its last node."""
    alone = fuse(network)
    if alone.macs != network.macs:
        raise CosearchError(f"block {_label(slot, values, network)} has several ends")
    return alone


def _label(slot: Slot, values: Values, network: Network) -> str:
    """Such as "stage2.block1 operator=k5e3 on 32x28x28"."""
    chosen = [f"{name.rpartition('.')[2]}={v}" for name, v in zip(slot.knobs, values, strict=True)]
    shape = "x".join(map(str, network.input_shape))
    return " ".join([slot.name or "head", *chosen, "on", shape])


def _renumbered(part: SlotPart, numbers: Sequence[int]) -> SlotPart:
    columns, sizes, old, following = part
    return columns, sizes, [numbers[number] for number in old], following
