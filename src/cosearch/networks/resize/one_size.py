"""Why an operator cannot follow its input to another shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cosearch.networks.network import Shape

Sources = Sequence[Shape]
Changed = tuple[Shape, Mapping[str, Any]]  # a node's output, and the attributes that change


class OneSizeError(Exception):
    """Reads on after the node's name."""


def text(*shapes: Shape) -> str:
    """As people write them, 3x224x224."""
    return " and ".join("x".join(map(str, shape)) for shape in shapes)
