"""One published network: how to build it, and where it was published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cosearch.networks import Network


@dataclass(frozen=True)
class Entry:
    """`build` makes the graph for square colour images of `resolution` pixels."""

    name: str
    family: str
    resolution: int
    source: str
    build: Callable[[], Network]
