"""The nonlinearities as modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from torch import nn

from cosearch.errors import unknown
from cosearch.networks import Node

ACTIVATIONS: Final[dict[str, Callable[[], nn.Module]]] = {
    "none": nn.Identity,
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "hswish": nn.Hardswish,
    "hsigmoid": nn.Hardsigmoid,
    "swish": nn.SiLU,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
}


def activation_of(node: Node) -> nn.Module:
    """The nonlinearity of `node`; `CosearchError` for one that only a file from elsewhere has."""
    name = node.attributes.get("activation", "none")
    if name not in ACTIVATIONS:
        raise unknown(f"activation of {node.name!r}", name, ACTIVATIONS)
    return ACTIVATIONS[name]()
