"""First weights, as the papers draw them: one row per operator that has any."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from cosearch.deep.module.graph import GraphModule
from cosearch.networks import Network, Node

Draw = Callable[[Tensor, Node, torch.Generator], object]


def _he_fan_out(weight: Tensor, node: Node, generator: torch.Generator) -> None:
    """Normal by what one input element reaches: so depthwise is the kernel alone (MobileNets)."""
    fan_out = math.prod(node.kernel) * node.shape[0] // node.groups
    weight.normal_(0, math.sqrt(2 / fan_out), generator=generator)


def _small(weight: Tensor, node: Node, generator: torch.Generator) -> None:
    """Classifiers of convolutional networks (MobileNetV2)."""
    weight.normal_(0, 0.01, generator=generator)


def _truncated(weight: Tensor, node: Node, generator: torch.Generator) -> None:
    """All matrices of a transformer (DeiT, Touvron et al. 2021)."""
    nn.init.trunc_normal_(weight, std=0.02, a=-0.04, b=0.04, generator=generator)


DRAWS: Final[Mapping[str, Draw]] = {
    "conv": _he_fan_out,
    "conv_transpose": _he_fan_out,
    "linear": _small,
    "dense": _truncated,
    "class_token": _truncated,
    "position": _truncated,
}


@torch.no_grad()
def initialise(module: GraphModule, generator: torch.Generator) -> None:
    """Draw the weights by the rule of their operator; norms start as the identity, biases at 0."""
    for node, op in zip(module.nodes, module.ops, strict=True):
        for part in op.modules():
            if isinstance(part, _BatchNorm | nn.LayerNorm):
                part.reset_parameters()
                continue
            for name, parameter in part.named_parameters(recurse=False):
                if name == "bias":
                    parameter.zero_()
                else:
                    DRAWS[node.op](parameter, node, generator)


def to_module(network: Network, *, seed: int = 0) -> GraphModule:
    """The module of `network`, its weights drawn from `seed` and from nothing else."""
    module = GraphModule(network)
    initialise(module, torch.Generator().manual_seed(seed))
    return module
