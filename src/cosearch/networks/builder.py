"""Grow a `Network` node by node, with the shapes worked out."""

from __future__ import annotations

import math
from typing import Any, Final

from cosearch.errors import CosearchError, unknown
from cosearch.networks.network import Network, Node, Shape
from cosearch.networks.ops import ACTIVATIONS

NORM_EPS: Final = 1e-3  # as the MobileNet papers; 1e-5 makes int8 scales of dead channels explode


class Builder:
    """Appends operators to a growing graph; every method returns the new node's name.

    Images are (channels, height, width), tokens (tokens, channels). Convolutions and pools pad
    by (kernel - 1) / 2 on every side, so that stride 1 keeps the size ("SAME"); an even kernel
    pads as TensorFlow does, (top, left, bottom, right), where it must.
    """

    def __init__(self, name: str, input_shape: Shape, *, norm_eps: float = NORM_EPS) -> None:
        self.name = name
        self.norm_eps = norm_eps
        self._nodes: dict[str, Node] = {"input": Node("input", "input", (), tuple(input_shape))}

    def shape(self, node: str) -> Shape:
        """Output shape of a node."""
        return self._nodes[node].shape

    def build(self) -> Network:
        """Freeze the graph; the last node is the output."""
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

    # ---- with weights

    def conv(
        self,
        source: str,
        channels: int,
        name: str,
        *,
        kernel: int | tuple[int, int] = 1,
        stride: int = 1,
        groups: int = 1,
        dilation: int = 1,
        activation: str = "none",
        norm: bool = True,
        bias: bool | None = None,
        pad: tuple[int, ...] | None = None,
    ) -> str:
        """Convolution, batch norm and activation in one node; without the norm it has a bias.

        `pad` replaces SAME padding, `bias` the rule; `dilation` spreads the kernel.
        """
        if activation not in ACTIVATIONS:
            raise unknown(f"activation of {name!r}", activation, ACTIVATIONS)
        in_channels, *size = self.shape(source)
        if in_channels % groups or channels % groups:
            raise CosearchError(
                f"node {name!r}: {groups} groups do not divide {in_channels} -> {channels} channels"
            )
        taps = (kernel, kernel) if isinstance(kernel, int) else kernel
        reach = tuple((k - 1) * dilation + 1 for k in taps)
        edges = pad if pad is not None else _same(size, reach, stride)
        out = _windows(size, reach, stride, edges)
        extra = {"dilation": dilation} if dilation > 1 else {}
        if norm and self.norm_eps != NORM_EPS:
            extra["eps"] = self.norm_eps  # type: ignore[assignment]
        return self.add_node(
            "conv",
            (source,),
            (channels, *out),
            name,
            kernel=taps,
            stride=stride,
            pad=edges,
            groups=groups,
            activation=activation,
            norm=norm,
            bias=not norm if bias is None else bias,
            **extra,
        )

    def depthwise(
        self, source: str, name: str, kernel: int, stride: int = 1, activation: str = "none"
    ) -> str:
        """Convolution of each channel by itself, batch norm and activation."""
        width = self.shape(source)[0]
        return self.conv(
            source, width, name, kernel=kernel, stride=stride, groups=width, activation=activation
        )

    def linear(
        self, source: str, units: int, name: str, activation: str = "none", *, bias: bool = True
    ) -> str:
        """Fully connected layer over the flattened source."""
        return self.add_node("linear", (source,), (units,), name, bias=bias, activation=activation)

    def dense(
        self, source: str, units: int, name: str, activation: str = "none", *, bias: bool = True
    ) -> str:
        """Fully connected layer over the last axis: every token alike."""
        shape = (*self.shape(source)[:-1], units)
        return self.add_node("dense", (source,), shape, name, bias=bias, activation=activation)

    def batch_norm(self, source: str, name: str, activation: str = "none") -> str:
        """Batch norm on its own, then the activation."""
        shape = self.shape(source)
        return self.add_node(
            "batch_norm", (source,), shape, name, activation=activation, eps=self.norm_eps
        )

    def layer_norm(self, source: str, name: str, *, eps: float = 1e-6) -> str:
        """Layer norm over the last axis."""
        return self.add_node("layer_norm", (source,), self.shape(source), name, eps=eps)

    def class_token(self, source: str, name: str) -> str:
        """A learned token put before the others."""
        tokens, channels = self.shape(source)
        return self.add_node("class_token", (source,), (tokens + 1, channels), name)

    def position(self, source: str, name: str) -> str:
        """A learned value added to every element (position embedding)."""
        return self.add_node("position", (source,), self.shape(source), name)

    # ---- elementwise

    def activation(self, source: str, kind: str, name: str) -> str:
        """A nonlinearity on its own."""
        if kind not in ACTIVATIONS:
            raise unknown(f"activation of {name!r}", kind, ACTIVATIONS)
        return self.add_node("activation", (source,), self.shape(source), name, activation=kind)

    def add(self, *sources: str, name: str, activation: str = "none") -> str:
        """Elementwise sum of nodes of equal shape, then the activation."""
        shapes = [self.shape(source) for source in sources]
        if len(set(shapes)) != 1:
            raise CosearchError(f"node {name!r} adds shapes {' and '.join(map(str, shapes))}")
        return self.add_node("add", sources, shapes[0], name, activation=activation)

    def mul(self, source: str, gate: str, name: str) -> str:
        """Elementwise product; `gate` may have size 1 where it is the same for all."""
        shape, other = self.shape(source), self.shape(gate)
        fits = len(shape) == len(other) and all(
            b in (1, a) for a, b in zip(shape, other, strict=True)
        )
        if not fits:
            raise CosearchError(f"node {name!r} multiplies shapes {shape} and {other}")
        return self.add_node("mul", (source, gate), shape, name, activation="none")

    def scale(self, source: str, factor: float, name: str) -> str:
        """Multiply by a constant."""
        return self.add_node("scale", (source,), self.shape(source), name, factor=float(factor))

    def softmax(self, source: str, name: str) -> str:
        """Softmax over the last axis."""
        return self.add_node("softmax", (source,), self.shape(source), name)

    def matmul(self, first: str, second: str, name: str) -> str:
        """Matrix product of the last two axes: (..., m, k) x (..., k, n)."""
        a, b = self.shape(first), self.shape(second)
        if len(a) < 2 or a[:-2] != b[:-2] or a[-1] != b[-2]:
            raise CosearchError(f"node {name!r} multiplies matrices {a} and {b}")
        return self.add_node("matmul", (first, second), (*a[:-1], b[-1]), name)

    # ---- pooling

    def pool(
        self,
        kind: str,
        source: str,
        name: str,
        *,
        kernel: int,
        stride: int = 1,
        pad: int | None = None,
    ) -> str:
        """`max` or `avg` (padding not counted) over a window."""
        channels, *size = self.shape(source)
        edge = kernel // 2 if pad is None else pad
        out = _windows(size, (kernel, kernel), stride, (edge, edge))
        return self.add_node(
            f"{kind}_pool",
            (source,),
            (channels, *out),
            name,
            kernel=(kernel, kernel),
            stride=stride,
            pad=(edge, edge),
        )

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

    # ---- shape

    def concat(self, sources: tuple[str, ...], name: str, *, axis: int = 0) -> str:
        """Join along `axis`; the other axes must agree."""
        shapes = [self.shape(source) for source in sources]
        rests = {shape[:axis] + shape[axis + 1 :] for shape in shapes}
        if len(rests) != 1:
            raise CosearchError(f"node {name!r} joins shapes {' and '.join(map(str, shapes))}")
        shape = list(shapes[0])
        shape[axis] = sum(part[axis] for part in shapes)
        return self.add_node("concat", sources, tuple(shape), name, axis=axis)

    def slice(self, source: str, start: int, stop: int, name: str, *, axis: int = 0) -> str:
        """Elements `start` to `stop` of `axis`."""
        shape = list(self.shape(source))
        if not 0 <= start < stop <= shape[axis]:
            raise CosearchError(f"node {name!r} takes {start} to {stop} of {shape[axis]}")
        shape[axis] = stop - start
        return self.add_node(
            "slice", (source,), tuple(shape), name, axis=axis, start=start, stop=stop
        )

    def reshape(self, source: str, shape: Shape, name: str) -> str:
        """The same elements in the same order under another shape."""
        if math.prod(shape) != math.prod(self.shape(source)):
            raise CosearchError(f"node {name!r} reshapes {self.shape(source)} to {shape}")
        return self.add_node("reshape", (source,), shape, name)

    def transpose(self, source: str, perm: tuple[int, ...], name: str) -> str:
        """Axes in the order `perm`, the batch not counted."""
        shape = self.shape(source)
        if sorted(perm) != list(range(len(shape))):
            raise CosearchError(f"node {name!r}: perm {perm} does not order {len(shape)} axes")
        return self.add_node(
            "transpose", (source,), tuple(shape[axis] for axis in perm), name, perm=perm
        )


def _same(size: list[int], reach: tuple[int, ...], stride: int) -> tuple[int, ...]:
    """Padding that makes ceil(size / stride) windows."""
    if all(window % 2 for window in reach):
        return tuple(window // 2 for window in reach)
    total = [
        max((-(-length // stride) - 1) * stride + window - length, 0)
        for length, window in zip(size, reach, strict=True)
    ]
    before = tuple(edge // 2 for edge in total)
    after = tuple(edge - edge // 2 for edge in total)
    return before if before == after else before + after


def _windows(
    size: list[int], reach: tuple[int, ...], stride: int, pad: tuple[int, ...]
) -> list[int]:
    """Output sizes; `pad` is (y, x), or (top, left, bottom, right)."""
    after = pad[2:] or pad[:2]
    axes = zip(size, reach, pad[:2], after, strict=True)
    return [(length + a + b - window) // stride + 1 for length, window, a, b in axes]
