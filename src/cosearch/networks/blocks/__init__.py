"""Blocks of the literature, each described once: torch, cost rows and ONNX all come from here.

A block is a function (net, source, channels, name, ...) -> name of its output node.
"""

from collections.abc import Callable
from typing import Final

from cosearch.networks.blocks.mobile import (
    fused_inverted_bottleneck,
    inverted_bottleneck,
    separable,
    tucker,
)

BLOCKS: Final[dict[str, Callable[..., str]]] = {
    "ibn": inverted_bottleneck,
    "fused": fused_inverted_bottleneck,
    "separable": separable,
    "tucker": tucker,
}

__all__ = ["BLOCKS", "fused_inverted_bottleneck", "inverted_bottleneck", "separable", "tucker"]
