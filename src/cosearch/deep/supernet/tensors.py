"""First weights of all networks of a chain: every shared tensor once, at its largest."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cosearch.deep.module.initialise import DRAWS
from cosearch.deep.supernet.block import Block
from cosearch.deep.supernet.cover import largest_blocks
from cosearch.deep.supernet.operators import Operators
from cosearch.deep.supernet.sharing import Sharing
from cosearch.networks import Node

Tensors = dict[str, Tensor]


class Found:
    """A shared tensor: its largest size on every axis, and the node that is largest."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.shape: tuple[int, ...] = ()
        self.node: Node | None = None

    def see(self, shape: torch.Size, node: Node) -> None:
        """One network's."""
        old = self.shape or (0,) * len(shape)
        self.shape = tuple(max(a, b) for a, b in zip(old, shape, strict=True))
        if self.shape != old:
            self.node = node


def shared_tensors(sharing: Sharing, affine: bool, seed: int) -> Tensors:
    """By name, parameters as such; drawn from `seed` by the rules of the operators."""
    found: dict[str, Found] = {}
    operators = Operators(affine)
    for slot, values, graph in largest_blocks(sharing):
        block = Block(*graph, sharing.naming(slot, values), operators)
        nodes = {node.name: node for node in block.nodes}
        for loan in block.loans:
            place = loan.place
            found.setdefault(loan.key, Found(place.role)).see(place.shape, nodes[loan.node])
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
