"""Convolutions and pools: how many windows there are at another size.

A graph says what came out at one size, not by which rule it was padded or cut off. All rules that
explain that must agree on the new size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cosearch.networks.network import Node, Shape
from cosearch.networks.resize.one_size import Changed, OneSizeError, Sources, text

Rule = Callable[[Shape, Shape, int, Shape], Shape]  # size, window, stride, padding of both sides


def conv(node: Node, before: Sources, after: Sources) -> Changed:
    """As many channels as before."""
    if after[0][0] % node.groups:
        raise OneSizeError(f"has {node.groups} groups, which do not divide {after[0][0]} channels")
    dilation = node.attributes.get("dilation", 1)
    window = tuple((taps - 1) * dilation + 1 for taps in node.kernel)
    return (node.shape[0], *_windows(node, window, before[0], after[0], (_whole, _same))), {}


def pool(node: Node, before: Sources, after: Sources) -> Changed:
    """One window over everything stays one."""
    channels, *size = after[0]
    if tuple(node.kernel) == before[0][1:] and node.shape[1:] == (1, 1):
        return (channels, 1, 1), {"kernel": tuple(size)}
    rules = (_whole, _partial, _same)
    return (channels, *_windows(node, tuple(node.kernel), before[0], after[0], rules)), {}


def conv_transpose(node: Node, before: Sources, after: Sources) -> Changed:
    """`stride` times the size, where it was."""
    if node.shape[1:] != tuple(node.stride * length for length in before[0][1:]):
        raise OneSizeError(f"makes {text(node.shape)} of {text(*before)}, not {node.stride} times")
    return (node.shape[0], *(node.stride * length for length in after[0][1:])), {}


def _windows(
    node: Node, window: Shape, before: Shape, after: Shape, rules: Sequence[Rule]
) -> Shape:
    padding = tuple(node.pad[:2]), tuple(node.pad[2:] or node.pad[:2])
    edges = tuple(low + high for low, high in zip(*padding, strict=True))
    explain = [
        rule for rule in rules if rule(before[1:], window, node.stride, edges) == node.shape[1:]
    ]
    found = {rule(after[1:], window, node.stride, edges) for rule in explain}
    if len(found) != 1:
        asked = " or ".join(map(text, sorted(found))) or "nothing known"
        raise OneSizeError(f"would make {asked} of {text(after[1:])}: how it pads is not told")
    return found.pop()


def _whole(size: Shape, window: Shape, stride: int, edges: Shape) -> Shape:
    """Windows that fit, the padding as it was."""
    axes = zip(size, window, edges, strict=True)
    return tuple((length + edge - reach) // stride + 1 for length, reach, edge in axes)


def _partial(size: Shape, window: Shape, stride: int, edges: Shape) -> Shape:
    """The last one may be partial."""
    axes = zip(size, window, edges, strict=True)
    return tuple(-((reach - length - edge) // stride) + 1 for length, reach, edge in axes)


def _same(size: Shape, window: Shape, stride: int, edges: Shape) -> Shape:
    """As much padding as makes ceil(size / stride)."""
    return tuple(-(-length // stride) for length in size)
