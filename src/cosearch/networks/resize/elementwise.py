"""Operators that make an element of an element."""

from __future__ import annotations

from cosearch.networks.network import Node
from cosearch.networks.resize.one_size import Changed, OneSizeError, Sources, text


def joined(node: Node, before: Sources, after: Sources) -> Changed:
    """Sizes of 1 are repeated; others must be equal."""
    axes = list(zip(*after, strict=True))
    if any(len({1, *sizes}) > 2 for sizes in axes):
        raise OneSizeError(f"cannot join {text(*after)}")
    return tuple(max(sizes) for sizes in axes), {}


def class_token(node: Node, before: Sources, after: Sources) -> Changed:
    """One more than there are."""
    tokens, *rest = after[0]
    return (tokens + 1, *rest), {}
