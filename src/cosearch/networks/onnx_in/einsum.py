"""Einstein sums of two tensors as matrix products."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cosearch.networks.network import Shape

Sizes = tuple[Shape, int, int, int]  # shared lead, m, k, n


def sizes(equation: str, shapes: Sequence[Shape]) -> Sizes | None:
    """Sizes of the product (..., m, k) x (..., k, n), or None where it is none."""
    left, arrow, out = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if not arrow or len(terms) != 2 or "." in equation:
        return None
    if [len(term) for term in terms] != [len(shape) for shape in shapes]:
        return None
    if any(len(set(term)) != len(term) for term in (*terms, out)):
        return None
    size: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        size.update(zip(term, shape, strict=True))
    a, b = (set(term) for term in terms)
    if set(out) - (a | b) or (a ^ b) - set(out):
        return None
    lead = tuple(size[axis] for axis in out if axis in a & b and size[axis] > 1)
    m, k, n = (
        math.prod(size[axis] for axis in axes) for axes in (a - b, (a & b) - set(out), b - a)
    )
    return lead, m, k, n
