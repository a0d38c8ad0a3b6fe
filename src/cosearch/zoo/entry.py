"""One published network: how to build it, and where it was published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from inspect import signature

from cosearch.errors import CosearchError
from cosearch.networks import Network


@dataclass(frozen=True)
class Entry:
    """`build` makes the graph for square colour images of `resolution` pixels."""

    name: str
    family: str
    resolution: int
    source: str
    build: Callable[..., Network]

    def at(self, resolution: int) -> Network:
        """The same network for images of another size."""
        if resolution == self.resolution:
            return self.build()
        if "resolution" not in signature(self.build).parameters:
            raise CosearchError(
                f"network {self.name} at {resolution} pixels: it is made for {self.resolution} only"
            )
        network = self.build(resolution=resolution)
        return replace(network, name=f"{self.name}@{resolution}")
