"""NASNet cells (Zoph et al. 2018, arXiv 1707.07012), as TensorFlow's slim builds them.

A cell makes states: 0 is its input, 1 the output of the cell before, both brought to the cell's
filters; each block adds one by combining what two operators make of two states.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from cosearch.networks.blocks.same import same_pad, same_pool
from cosearch.networks.builder import Builder
from cosearch.networks.network import Shape

# ---- operators: (net, source, filters, name, stride) -> node


def _conv(
    net: Builder,
    source: str,
    filters: int,
    name: str,
    stride: int,
    *,
    kernels: tuple[tuple[int, int], ...],
    dilation: int = 1,
) -> str:
    """ReLU, convolution, batch norm for each kernel; the first one strides."""
    x = source
    for i, kernel in enumerate(kernels):
        x = net.activation(x, "relu", f"{name}.relu{i}")
        reach = ((kernel[0] - 1) * dilation + 1, (kernel[1] - 1) * dilation + 1)
        x = net.conv(
            x,
            filters,
            f"{name}.conv{i}",
            kernel=kernel,
            stride=stride,
            dilation=dilation,
            pad=same_pad(net.shape(x)[1:], reach, stride),
        )
        stride = 1
    return x


def _separable(
    net: Builder, source: str, filters: int, name: str, stride: int, *, kernel: int
) -> str:
    """(ReLU, depthwise, 1x1, batch norm) twice; only the first depthwise strides."""
    x = net.activation(source, "relu", f"{name}.relu")
    for i in range(2):
        width, *size = net.shape(x)
        x = net.conv(
            x,
            width,
            f"{name}.depthwise{i}",
            kernel=kernel,
            stride=stride,
            groups=width,
            norm=False,
            bias=False,
            pad=same_pad((size[0], size[1]), (kernel, kernel), stride),
        )
        x = net.conv(x, filters, f"{name}.pointwise{i}", activation="none" if i else "relu")
        stride = 1
    return x


def _pool(
    net: Builder, source: str, filters: int, name: str, stride: int, *, kind: str, kernel: int
) -> str:
    x = same_pool(net, kind, source, f"{name}.pool", kernel=kernel, stride=stride)
    if net.shape(x)[0] == filters:
        return x
    return net.conv(x, filters, f"{name}.project")


def _identity(net: Builder, source: str, filters: int, name: str, stride: int) -> str:
    """The state itself; a 1x1 where it must stride or change its width."""
    if stride == 1 and net.shape(source)[0] == filters:
        return source
    return _conv(net, source, filters, name, stride, kernels=((1, 1),))


Operator = Callable[[Builder, str, int, str, int], str]

OPERATORS: Final[dict[str, Operator]] = {
    "identity": _identity,
    "conv1x3-3x1": partial(_conv, kernels=((1, 3), (3, 1))),
    "conv1x7-7x1": partial(_conv, kernels=((1, 7), (7, 1))),
    "dilated3x3": partial(_conv, kernels=((3, 3),), dilation=2),
    "avg3x3": partial(_pool, kind="avg", kernel=3),
    "max3x3": partial(_pool, kind="max", kernel=3),
    "max5x5": partial(_pool, kind="max", kernel=5),
    "max7x7": partial(_pool, kind="max", kernel=7),
    "conv1x1": partial(_conv, kernels=((1, 1),)),
    "conv3x3": partial(_conv, kernels=((3, 3),)),
    "sep3x3": partial(_separable, kernel=3),
    "sep5x5": partial(_separable, kernel=5),
    "sep7x7": partial(_separable, kernel=7),
}
COMBINES: Final = ("add", "concat")

# ---- cells


@dataclass(frozen=True)
class Block:
    """Two states, an operator on each, and how the results become one state."""

    left: int
    left_operator: str
    right: int
    right_operator: str
    combine: str = "add"


@dataclass(frozen=True)
class Cell:
    """Blocks in order. The cell puts out the states that no block reads, and those of `keep`."""

    blocks: tuple[Block, ...]
    keep: tuple[int, ...] = ()

    def outputs(self) -> tuple[int, ...]:
        """States the cell puts out, in order."""
        read = {state for block in self.blocks for state in (block.left, block.right)}
        return tuple(
            state
            for state in range(len(self.blocks) + 2)
            if state not in read or state in self.keep
        )


def grow_cell(
    net: Builder,
    current: str,
    previous: str | None,
    filters: int,
    name: str,
    *,
    cell: Cell,
    stride: int,
) -> str:
    """Grow a cell; `stride` counts where a block reads state 0 or 1.

    Without a cell before it state 1 is the input as it is.
    """
    last = current if previous is None else match(net, previous, current, filters, f"{name}.last")
    states = [enter(net, current, filters, f"{name}.enter"), last]
    for i, block in enumerate(cell.blocks):
        left = operate(
            net, states, block.left, block.left_operator, filters, f"{name}.{i}.left", stride
        )
        right = operate(
            net, states, block.right, block.right_operator, filters, f"{name}.{i}.right", stride
        )
        states.append(combine(net, left, right, f"{name}.{i}", block.combine))
    return leave(net, states, cell.outputs(), filters, name)


def enter(net: Builder, current: str, filters: int, name: str) -> str:
    """State 0: the cell's input at the cell's filters."""
    return _conv(net, current, filters, name, 1, kernels=((1, 1),))


def match(net: Builder, previous: str, current: str, filters: int, name: str) -> str:
    """State 1: the output of the cell before, at the size of `current` and the cell's filters."""
    width, *size = net.shape(previous)
    if tuple(size) != net.shape(current)[1:]:
        x = net.activation(previous, "relu", f"{name}.relu")
        return factorized_reduction(net, x, filters, name)
    if width != filters:
        return _conv(net, previous, filters, name, 1, kernels=((1, 1),))
    return previous


def operate(
    net: Builder,
    states: Sequence[str],
    state: int,
    operator: str,
    filters: int,
    name: str,
    stride: int,
) -> str:
    """Apply an operator to a state; the states of blocks are strided already."""
    return OPERATORS[operator](net, states[state], filters, name, stride if state < 2 else 1)


def combine(net: Builder, left: str, right: str, name: str, how: str) -> str:
    """Sum the two, or join them along the channels."""
    if how == "add":
        return net.add(left, right, name=f"{name}.add")
    return net.concat((left, right), f"{name}.concat")


def leave(
    net: Builder, states: Sequence[str], outputs: Sequence[int], filters: int, name: str
) -> str:
    """Join the states put out; states 0 and 1 first take the size and width of blocks."""
    size = net.shape(states[-1])[1:]
    parts = tuple(
        shrink(net, states[i], filters, size, f"{name}.shrink{i}") if i < 2 else states[i]
        for i in outputs
    )
    return parts[0] if len(parts) == 1 else net.concat(parts, f"{name}.concat")


def shrink(net: Builder, state: str, filters: int, size: Shape, name: str) -> str:
    """Bring a cell's input to the size and width of its blocks."""
    width, *before = net.shape(state)
    if tuple(before) != size:
        return factorized_reduction(net, state, filters, name)
    return state if width == filters else net.conv(state, filters, name)


def factorized_reduction(net: Builder, source: str, filters: int, name: str) -> str:
    """Halve the size without loss: half of the filters see the even pixels, half the odd ones.

    slim takes every second pixel with a 1x1 average pool, then convolves; here the 1x1 strides.
    """
    _, height, width = net.shape(source)
    even = net.conv(
        source, filters // 2, f"{name}.even", stride=2, pad=(0, 0), norm=False, bias=False
    )
    shifted = net.slice(source, 1, height, f"{name}.below", axis=1)
    shifted = net.slice(shifted, 1, width, f"{name}.right", axis=2)
    odd = net.conv(
        shifted,
        filters - filters // 2,
        f"{name}.odd",
        stride=2,
        pad=(0, 0, height % 2, width % 2),
        norm=False,
        bias=False,
    )
    return net.batch_norm(net.concat((even, odd), f"{name}.join"), f"{name}.norm")
