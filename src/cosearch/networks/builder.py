"""Grow a `Network` node by node, with the shapes worked out."""

from __future__ import annotations

import math
from typing import Any

from cosearch.errors import CosearchError, unknown
from cosearch.networks.network import Network, Node, Shape
from cosearch.networks.ops import ACTIVATIONS


class Builder:
    """Appends operators to a growing graph; every method returns the new node's name."""

    def __init__(self, name: str, input_shape: Shape) -> None:
        self.name = name
        self._nodes: dict[str, Node] = {"input": Node("input", "input", (), tuple(input_shape))}

    def shape(self, node: str) -> Shape:
        """Output shape of a node."""
        return self._nodes[node].shape

    def build(self) -> Network:
        """Freeze the graph."""
        return Network(self.name, tuple(self._nodes.values()))

    def add_node(
        self, op: str, inputs: tuple[str, ...], shape: Shape, name: str, **attributes: Any
    ) -> str:
        """Append a node whose shape is already known; refuses empty tensors."""
        if any(size < 1 for size in shape):
            raise CosearchError(f"node {name!r} ({op}) has an empty output of shape {shape}")
        if name in self._nodes:
            raise CosearchError(f"network {self.name!r}: node {name!r} appears twice")
        self._nodes[name] = Node(name, op, inputs, tuple(int(s) for s in shape), attributes)
        return name

    def conv(
        self,
        source: str,
        channels: int,
        name: str,
        *,
        kernel: int = 1,
        stride: int = 1,
        groups: int = 1,
        activation: str = "none",
        norm: bool = True,
    ) -> str:
        """Convolution with SAME padding, batch norm (or bias) and activation in one node."""
        if activation not in ACTIVATIONS:
            raise unknown(f"activation of {name!r}", activation, ACTIVATIONS)
        in_channels, height, width = self.shape(source)
        if in_channels % groups or channels % groups:
            raise CosearchError(
                f"node {name!r}: {groups} groups do not divide {in_channels} -> {channels} channels"
            )
        pad = kernel // 2
        out = [math.ceil(size / stride) for size in (height, width)]
        return self.add_node(
            "conv",
            (source,),
            (channels, *out),
            name,
            kernel=(kernel, kernel),
            stride=stride,
            pad=(pad, pad),
            groups=groups,
            activation=activation,
            norm=norm,
            bias=not norm,
        )

    def linear(self, source: str, units: int, name: str, activation: str = "none") -> str:
        """Fully connected layer with bias over the flattened source."""
        return self.add_node("linear", (source,), (units,), name, bias=True, activation=activation)

    def add(self, first: str, second: str, name: str) -> str:
        """Elementwise sum of two nodes of equal shape."""
        if self.shape(first) != self.shape(second):
            raise CosearchError(
                f"node {name!r} adds shapes {self.shape(first)} and {self.shape(second)}"
            )
        return self.add_node("add", (first, second), self.shape(first), name, activation="none")

    def global_pool(self, source: str, name: str) -> str:
        """Average over height and width, to (channels, 1, 1)."""
        channels, height, width = self.shape(source)
        return self.add_node(
            "avg_pool",
            (source,),
            (channels, 1, 1),
            name,
            kernel=(height, width),
            stride=1,
            pad=(0, 0),
        )
