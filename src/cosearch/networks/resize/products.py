"""Matrix products: what their weights and sources say of their output."""

from __future__ import annotations

from cosearch.networks.network import Node
from cosearch.networks.resize.one_size import Changed, Sources


def linear(node: Node, before: Sources, after: Sources) -> Changed:
    """Over everything, to as many units: it has weights for every element."""
    return node.shape, {}


def dense(node: Node, before: Sources, after: Sources) -> Changed:
    """Over the last axis."""
    return (*after[0][:-1], node.shape[-1]), {}


def matmul(node: Node, before: Sources, after: Sources) -> Changed:
    """(..., m, k) x (..., k, n)."""
    return (*after[0][:-1], after[1][-1]), {}
