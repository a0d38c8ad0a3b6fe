"""Operators that put the same elements elsewhere."""

from __future__ import annotations

import math

from cosearch.networks.network import Node, Shape
from cosearch.networks.resize.one_size import Changed, OneSizeError, Sources, text


def concat(node: Node, before: Sources, after: Sources) -> Changed:
    """Along `axis`; the other axes must agree."""
    axis = node.axis
    if len({shape[:axis] + shape[axis + 1 :] for shape in after}) > 1:
        raise OneSizeError(f"cannot join {text(*after)}")
    total = sum(shape[axis] for shape in after)
    return (*after[0][:axis], total, *after[0][axis + 1 :]), {}


def slice_(node: Node, before: Sources, after: Sources) -> Changed:
    """The first one, such as a class token; more only of an axis that has not changed."""
    axis = node.axis
    if node.stop > 1 and before[0][axis] != after[0][axis]:
        raise OneSizeError(f"takes {node.start} to {node.stop} of {before[0][axis]}")
    return (*after[0][:axis], node.shape[axis], *after[0][axis + 1 :]), {}


def transpose(node: Node, before: Sources, after: Sources) -> Changed:
    """Axes in the order `perm`."""
    return tuple(after[0][axis] for axis in node.perm), {}


def reshape(node: Node, before: Sources, after: Sources) -> Changed:
    """Axes that are joined may grow; where one is split, nobody says which part would."""
    out: list[int] = []
    for sizes, axes in _groups(before[0], node.shape):
        elements = math.prod(after[0][axes])
        if len(sizes) > 1 and elements != math.prod(sizes):
            raise OneSizeError(f"splits {text(before[0][axes])} into {text(tuple(sizes))}")
        out += sizes if len(sizes) > 1 else [elements]
    if math.prod(out) != math.prod(after[0]):
        raise OneSizeError(f"cannot make {text(tuple(out))} of {text(*after)}")
    return tuple(out), {}


def _groups(source: Shape, target: Shape) -> list[tuple[list[int], slice]]:
    """Sizes of `target` with the axes of `source` that hold the same elements, the fewest each."""
    found: list[tuple[list[int], slice]] = []
    sizes: list[int] = []
    first = last = 0
    for size in target:
        sizes = [*sizes, size]
        while math.prod(source[first:last]) < math.prod(sizes):
            last += 1
        if math.prod(source[first:last]) == math.prod(sizes):
            found.append((sizes, slice(first, last)))
            sizes, first = [], last
    return found
