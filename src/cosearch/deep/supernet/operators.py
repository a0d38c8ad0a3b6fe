"""The modules of operators, which borrow their weights: one for all nodes that are alike."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from cosearch.deep.module import OPS
from cosearch.networks import Node
from cosearch.networks.network import Shape


class Place(NamedTuple):
    """Where a module keeps a tensor, and what it is to the operator, such as "conv.weight"."""

    holder: dict[str, Any]
    name: str
    role: str
    shape: torch.Size


@dataclass(frozen=True)
class Operator:
    """A module without weights, and the places to put them."""

    module: nn.Module
    places: tuple[Place, ...]
    norms: tuple[_BatchNorm, ...]


class Operators:
    """Each distinct operator once. Without `affine` batch norms do not scale."""

    def __init__(self, affine: bool) -> None:
        self._affine = affine
        self._known: dict[Hashable, Operator] = {}

    def of(self, node: Node, sources: Sequence[Shape]) -> Operator:
        """The operator of a node that reads tensors of these shapes."""
        key = (node.op, node.shape, tuple(sources), tuple(node.attributes.items()))
        if key not in self._known:
            self._known[key] = self._made(node, sources)
        return self._known[key]

    def _made(self, node: Node, sources: Sequence[Shape]) -> Operator:
        module = OPS[node.op](node, sources)
        norms = tuple(part for part in module.modules() if isinstance(part, _BatchNorm))
        if not self._affine:
            for norm in norms:
                norm.weight = norm.bias = None
        places = tuple(_places(module))
        for place in places:
            place.holder[place.name] = None
        return Operator(module, places, norms)


def _places(module: nn.Module) -> Iterator[Place]:
    """What a state dict holds, but for the counters of batch norm."""
    for path, part in module.named_modules():
        left_out = {*part._non_persistent_buffers_set, "num_batches_tracked"}
        for holder in (part._parameters, part._buffers):
            for name, tensor in holder.items():
                if tensor is not None and name not in left_out:
                    yield Place(holder, name, f"{path}.{name}".lstrip("."), tensor.shape)
