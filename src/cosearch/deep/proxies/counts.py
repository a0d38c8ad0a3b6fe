"""The baselines every proxy is to beat: parameters, multiply-accumulates."""

from __future__ import annotations

import torch
from torch import Tensor

from cosearch.deep.module import GraphModule
from cosearch.networks import Network, Node


def params(
    module: GraphModule, images: Tensor, labels: Tensor, generator: torch.Generator
) -> float:
    """Trainable parameters."""
    return float(sum(parameter.numel() for parameter in module.parameters()))


def macs(module: GraphModule, images: Tensor, labels: Tensor, generator: torch.Generator) -> float:
    """Multiply-accumulates of one image."""
    source = Node(module.source, "input", (), tuple(images.shape[1:]))
    return float(Network("network", (source, *module.nodes)).macs)
