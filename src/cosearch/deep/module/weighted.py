"""Operators that learn. Weights are memory as found until `initialise` or a state dict fills them.

torch's own draw on construction is slow, and uses the global generator.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

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
        self.pad, self.conv = _CONVOLUTIONS[node.op](node, sources[0])
        eps = node.attributes.get("eps", NORM_EPS)
        self.norm = nn.BatchNorm2d(node.shape[0], eps=eps) if node.norm else nn.Identity()
        self.act = activation_of(node)

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) to (n, k, h', w')."""
        return self.act(self.norm(self.conv(self.pad(x))))


def _plain(node: Node, source: Shape) -> tuple[nn.Module, nn.Module]:
    """The convolution, and before it the padding that it cannot do itself."""
    pad, inside = nn.Identity(), tuple(node.pad)
    if len(inside) == 4:
        top, left, bottom, right = inside
        pad, inside = nn.ZeroPad2d((left, right, top, bottom)), (0, 0)
    dilation = node.attributes.get("dilation", 1)
    return pad, _Conv2d(
        source[0],
        node.shape[0],
        tuple(node.kernel),
        node.stride,
        inside,
        dilation,
        node.groups,
        node.bias,
    )


def _transposed(node: Node, source: Shape) -> tuple[nn.Module, nn.Module]:
    """The transposed convolution; nothing before it."""
    dilation = node.attributes.get("dilation", 1)
    first = tuple(node.pad[:2])
    axes = zip(source[1:], node.kernel, first, node.shape[1:], strict=True)
    last = [
        (size - 1) * node.stride + dilation * (taps - 1) + 1 - pad - out
        for size, taps, pad, out in axes
    ]  # rows and columns to cut off at the end; below 0, to add
    arguments = (source[0], node.shape[0], tuple(node.kernel), node.stride)
    rest = (node.groups, node.bias, dilation)
    if len(node.pad) == 2 and all(a >= b for a, b in zip(first, last, strict=True)):
        more = tuple(a - b for a, b in zip(first, last, strict=True))
        return nn.Identity(), _ConvTranspose2d(*arguments, first, more, *rest)
    more = tuple(max(0, -edge) for edge in last)
    conv = UnevenConvTranspose2d(*arguments, (0, 0), more, *rest)
    conv.edges = (*first, *(max(0, edge) for edge in last))
    return nn.Identity(), conv


class UnevenConvTranspose2d(_ConvTranspose2d):
    """Cuts off other edges (top, left, bottom, right) at the end than at the start."""

    edges: tuple[int, int, int, int]

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """(n, c, h, w) to (n, k, h', w')."""
        top, left, bottom, right = self.edges
        height, width = (self._length(x, axis) for axis in (0, 1))
        return super().forward(x)[:, :, top : height - bottom, left : width - right]

    def _length(self, x: Tensor, axis: int) -> int:
        """Of the output before the cut."""
        reach = self.dilation[axis] * (self.kernel_size[axis] - 1) + 1
        steps = (x.shape[2 + axis] - 1) * self.stride[axis]
        return int(steps + reach + self.output_padding[axis])


_CONVOLUTIONS: Final = {"conv": _plain, "conv_transpose": _transposed}


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
        self.token = nn.Parameter(torch.empty(1, node.shape[-1]))

    def forward(self, x: Tensor) -> Tensor:
        """(n, tokens, c) to (n, tokens + 1, c)."""
        return torch.cat((self.token.expand(x.shape[0], 1, -1), x), 1)


class Position(nn.Module):
    """Adds a learned value to every element."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.empty(node.shape))

    def forward(self, x: Tensor) -> Tensor:
        """(n, ...) to the same shape."""
        return x + self.embedding
