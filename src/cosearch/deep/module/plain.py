"""Operators without weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cosearch.deep.module.activations import activation_of
from cosearch.errors import CosearchError, unknown
from cosearch.networks import Node
from cosearch.networks.network import Shape

# ---- elementwise


class Elementwise(nn.Module):
    """Sum or product of the sources, then activation."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        self.combine = {"add": torch.add, "mul": torch.mul}[node.op]
        self.act = activation_of(node)

    def forward(self, *sources: Tensor) -> Tensor:
        """Sources of one shape (or, for `mul`, one that broadcasts) to that shape."""
        total = sources[0]
        for other in sources[1:]:
            total = self.combine(total, other)
        return self.act(total)


class Scale(nn.Module):
    """Multiply by a constant."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        self.factor = node.factor

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to the same."""
        return x * self.factor


class MatMul(nn.Module):
    """Matrix product of the last two axes."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """(n, ..., m, k) x (n, ..., k, p) to (n, ..., m, p)."""
        return first @ second


class Reduce(nn.Module):
    """Mean, sum, maximum or minimum over some axes."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        if node.operator not in _REDUCE:
            raise unknown(f"operator of {node.name!r}", node.operator, _REDUCE)
        self.reduce, self.shape = _REDUCE[node.operator], node.shape
        self.axes = tuple(axis + 1 for axis in node.axes)

    def forward(self, x: Tensor) -> Tensor:
        """(n, ...) to (n, ...), the axes gone or of size 1."""
        return self.reduce(x, self.axes).reshape(-1, *self.shape)


_REDUCE: Final[dict[str, Callable[..., Tensor]]] = {
    "mean": torch.mean,
    "sum": torch.sum,
    "max": torch.amax,
    "min": torch.amin,
}


def costed_only(node: Node, sources: Sequence[Shape]) -> nn.Module:
    """Refuse what a file from elsewhere does, and the graph knows the cost of alone."""
    raise CosearchError(
        f"node {node.name!r} ({node.op}, {node.operator}) can be costed but not run: "
        "the graph does not say what it computes"
    )


def activation(node: Node, sources: Sequence[Shape]) -> nn.Module:
    """A nonlinearity on its own."""
    return activation_of(node)


def softmax(node: Node, sources: Sequence[Shape]) -> nn.Module:
    """Over the last axis."""
    return nn.Softmax(-1)


# ---- windows


def pool(node: Node, sources: Sequence[Shape]) -> nn.Module:
    """Maximum or average of a window; padding is not counted."""
    if len(node.pad) == 4:
        return UnevenPool(node, sources)
    kernel, pad = tuple(node.kernel), tuple(node.pad)
    edges = zip(_last_edges(node, sources[0]), pad, strict=True)
    up = any(needed > edge for needed, edge in edges)  # a last, partial window
    if node.op == "max_pool":
        return nn.MaxPool2d(kernel, node.stride, pad, ceil_mode=up)
    return nn.AvgPool2d(kernel, node.stride, pad, ceil_mode=up, count_include_pad=False)


class UnevenPool(nn.Module):
    """A pool with other padding at the end than at the start, which torch has none of."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        top, left = node.pad[:2]
        bottom, right = (max(0, edge) for edge in _last_edges(node, sources[0]))
        self.kernel, self.stride = tuple(node.kernel), node.stride
        self.averages = node.op == "avg_pool"
        self.edges = (left, right, top, bottom)
        share = self._mean(torch.ones(1, *sources[0][1:]))  # of a window inside the image
        self.register_buffer("share", share, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) to (n, c, h', w')."""
        if self.averages:
            return self._mean(x) / self.share
        padded = F.pad(x, self.edges, value=-torch.inf)
        return F.max_pool2d(padded, self.kernel, self.stride)

    def _mean(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(F.pad(x, self.edges), self.kernel, self.stride)


def _last_edges(node: Node, source: Shape) -> list[int]:
    """Padding (bottom, right) that the node's shape takes; below 0 where it leaves some out."""
    axes = zip(source[1:], node.kernel, node.pad[:2], node.shape[1:], strict=True)
    return [(out - 1) * node.stride + taps - size - pad for size, taps, pad, out in axes]


# ---- data movement


class Concat(nn.Module):
    """Join along an axis, then activation (where a file from elsewhere has one)."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        self.axis = node.axis + 1  # the batch comes first
        self.act = activation_of(node)

    def forward(self, *sources: Tensor) -> Tensor:
        """Sources that differ along the axis only."""
        return self.act(torch.cat(sources, self.axis))


class Transpose(nn.Module):
    """Axes in another order."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        self.perm = (0, *(axis + 1 for axis in node.perm))

    def forward(self, x: Tensor) -> Tensor:
        """(n, ...) to (n, ...), a view."""
        return x.permute(self.perm)


class Slice(nn.Module):
    """Part of an axis."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        self.axis, self.start, self.stop = node.axis + 1, node.start, node.stop

    def forward(self, x: Tensor) -> Tensor:
        """(n, ...) to (n, ...), a view."""
        return x.narrow(self.axis, self.start, self.stop - self.start)


class Reshape(nn.Module):
    """The same elements in the same order under another shape."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        self.shape = node.shape

    def forward(self, x: Tensor) -> Tensor:
        """(n, ...) to (n, ...)."""
        return x.reshape(-1, *self.shape)
