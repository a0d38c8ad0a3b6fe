"""Operators that learn. Weights are memory as found until `initialise` or a state dict fills them.

torch's own draw on construction is slow, and uses the global generator.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from cosearch.deep.module.activations import activation_of
from cosearch.networks import Node
from cosearch.networks.builder import NORM_EPS
from cosearch.networks.network import Shape


class _Conv2d(nn.Conv2d):
    def reset_parameters(self) -> None:
        """Nothing: see the module."""


class _ConvTranspose2d(nn.ConvTranspose2d):
    def reset_parameters(self) -> None:
        """Nothing: see the module."""


class _Linear(nn.Linear):
    def reset_parameters(self) -> None:
        """Nothing: see the module."""


class ConvNormAct(nn.Module):
    """Convolution, plain or transposed, then batch norm, then activation; each may be missing."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        make = {"conv": _conv, "conv_transpose": _conv_transpose}[node.op]
        self.frame, self.conv = make(node, sources[0])
        eps = node.attributes.get("eps", NORM_EPS)
        self.norm = nn.BatchNorm2d(node.shape[0], eps=eps) if node.norm else nn.Identity()
        self.act = activation_of(node)
        self.frame_first = node.op == "conv"

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) to (n, k, h', w')."""
        x = self.conv(self.frame(x)) if self.frame_first else self.frame(self.conv(x))
        return self.act(self.norm(x))


def _conv(node: Node, source: Shape) -> tuple[nn.Module, nn.Module]:
    """What pads unevenly before the convolution, and the convolution."""
    uneven = len(node.pad) == 4
    conv = _Conv2d(
        source[0],
        node.shape[0],
        tuple(node.kernel),
        node.stride,
        0 if uneven else tuple(node.pad),
        node.attributes.get("dilation", 1),
        node.groups,
        node.bias,
    )
    return (nn.ZeroPad2d(_around(node.pad)) if uneven else nn.Identity()), conv


def _conv_transpose(node: Node, source: Shape) -> tuple[nn.Module, nn.Module]:
    """What crops unevenly after the transposed convolution, and that.

    `pad` takes rows and columns away; the node's shape says how many more come at the end.
    """
    dilation = node.attributes.get("dilation", 1)
    top_left, bottom_right = node.pad[:2], node.pad[2:] or node.pad[:2]
    even = tuple(min(pair) for pair in zip(top_left, bottom_right, strict=True))
    skip = [a - b for a, b in zip(top_left, even, strict=True)]
    axes = zip(source[1:], node.kernel, even, skip, node.shape[1:], strict=True)
    over = [
        (size - 1) * node.stride - 2 * pad + dilation * (taps - 1) + 1 - first - out
        for size, taps, pad, first, out in axes
    ]  # fewer than 0: as many are missing
    conv = _ConvTranspose2d(
        source[0],
        node.shape[0],
        tuple(node.kernel),
        node.stride,
        even,
        tuple(max(0, -rest) for rest in over),
        node.groups,
        node.bias,
        dilation,
    )
    crop = (*skip, *(max(0, rest) for rest in over))
    return (nn.ZeroPad2d([-edge for edge in _around(crop)]) if any(crop) else nn.Identity()), conv


def _around(edges: Sequence[int]) -> tuple[int, int, int, int]:
    """(top, left, bottom, right) in torch's order: left, right, top, bottom."""
    top, left, bottom, right = edges
    return left, right, top, bottom


class Linear(nn.Module):
    """Fully connected over the last axis, or over the flattened source; then activation."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        whole = node.op == "linear"
        features = math.prod(sources[0]) if whole else sources[0][-1]
        self.flatten = nn.Flatten() if whole and len(sources[0]) > 1 else nn.Identity()
        self.linear = _Linear(features, node.shape[-1], node.bias)
        self.act = activation_of(node)

    def forward(self, x: Tensor) -> Tensor:
        """(n, ...) to (n, units), or (n, ..., features) to (n, ..., units)."""
        return self.act(self.linear(self.flatten(x)))


class BatchNorm(nn.Module):
    """Batch norm over the first axis, with no convolution before it; then activation."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        kind = nn.BatchNorm2d if len(node.shape) == 3 else nn.BatchNorm1d
        self.norm = kind(node.shape[0], eps=node.eps)
        self.act = activation_of(node)

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, ...) to the same shape."""
        return self.act(self.norm(x))


def layer_norm(node: Node, sources: Sequence[Shape]) -> nn.Module:
    """Layer norm over the last axis."""
    return nn.LayerNorm(node.shape[-1], eps=node.eps)


class ClassToken(nn.Module):
    """A learned token before the others."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, node.shape[-1]))

    def forward(self, x: Tensor) -> Tensor:
        """(n, tokens, c) to (n, tokens + 1, c)."""
        return torch.cat((self.weight.expand(x.shape[0], 1, -1), x), 1)


class Position(nn.Module):
    """Adds a learned value to every element."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(node.shape))

    def forward(self, x: Tensor) -> Tensor:
        """(n, ...) to the same shape."""
        return x + self.weight
