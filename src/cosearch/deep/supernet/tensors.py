"""First weights of all networks of a chain: every shared tensor once, at its largest."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from cosearch.deep.module.initialise import DRAWS
from cosearch.deep.supernet.block import Block
from cosearch.deep.supernet.cover import largest_blocks
from cosearch.deep.supernet.kernels import elastic_sizes
from cosearch.deep.supernet.operators import Operators
from cosearch.deep.supernet.sharing import Sharing
from cosearch.networks import Node

Tensors = dict[str, Tensor]


class Found:
    """A shared tensor: its largest and least size on every axis, and the node that is largest.

    `kernels` are the sizes that the networks' kernels may be chosen from.
    """

    def __init__(self, role: str) -> None:
        self.role = role
        self.shape: tuple[int, ...] = ()
        self.least: tuple[int, ...] = ()
        self.node: Node | None = None
        self.kernels: set[object] = set()

    def see(self, shape: torch.Size, node: Node) -> None:
        """One network's."""
        old = self.shape or (0,) * len(shape)
        self.shape = tuple(max(a, b) for a, b in zip(old, shape, strict=True))
        self.least = tuple(min(a, b) for a, b in zip(self.least or shape, shape, strict=True))
        if self.shape != old:
            self.node = node

    @property
    def smaller(self) -> tuple[int, ...]:
        """Kernel sizes below the largest that networks choose, falling; square kernels only."""
        square = len(self.shape) == 4 and self.shape[2] == self.shape[3]
        return elastic_sizes(self.kernels, self.least[-1], self.shape[-1]) if square else ()


def find_tensors(sharing: Sharing, affine: bool) -> dict[str, Found]:
    """All that networks share, by name."""
    found: dict[str, Found] = {}
    operators = Operators(affine)
    for slot, values, graph in largest_blocks(sharing):
        block = Block(*graph, sharing.naming(slot, values), operators)
        nodes = {node.name: node for node in block.nodes}
        kernels = sharing.kernels(slot)
        for loan in block.loans:
            each = found.setdefault(loan.key, Found(loan.place.role))
            each.see(loan.place.shape, nodes[loan.node])
            each.kernels |= kernels
    return found


def draw_tensors(found: Mapping[str, Found], seed: int) -> Tensors:
    """By name, parameters as such; drawn from `seed` by the rules of the operators."""
    generator = torch.Generator().manual_seed(seed)
    return {key: _drawn(each, generator) for key, each in found.items()}


@torch.no_grad()
def _drawn(found: Found, generator: torch.Generator) -> Tensor:
    """Norms start as the identity, biases at 0."""
    assert found.node is not None
    tensor = torch.zeros(found.shape)
    norm = found.node.op == "layer_norm" or found.role.startswith("norm.")
    if norm and found.role.endswith(("weight", "running_var")):
        tensor.fill_(1)
    elif not norm and not found.role.endswith("bias"):
        DRAWS[found.node.op](tensor, found.node, generator)
    statistic = found.role.endswith(("running_mean", "running_var"))
    return tensor if statistic else nn.Parameter(tensor)
