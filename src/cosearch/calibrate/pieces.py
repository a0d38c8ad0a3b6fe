"""A network as a row of pieces, each a small network that can be measured alone.

A piece lies between two tensors through which everything passes: a layer, or a block with its
shortcut. Cut is where less passes than on either side, as at the bottlenecks of a mobile network:
a piece alone pays for what it reads and writes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from cosearch.networks import Network, Node, fuse

_WEIGHTED: Final = ("conv", "conv_transpose", "linear", "dense", "matmul")


def places(network: Network) -> tuple[str, ...]:
    """Names of the nodes of the fused `network` after which to cut; each piece has weights.

    They serve the same network at other widths, so that its pieces stay comparable.
    """
    nodes = fuse(network).nodes
    gates = _gates(nodes)
    sizes = [math.prod(nodes[i].shape) for i in gates]
    found, begun = [], 0
    for (before, here, after), gate in zip(_neighbours(sizes), gates[1:-1], strict=True):
        if here > min(before, after) or not _works(nodes[begun + 1 : gate + 1]):
            continue
        if _works(nodes[gate + 1 :]):
            found.append(nodes[gate].name)
            begun = gate
    return tuple(found)


def pieces(network: Network, at: Sequence[str]) -> list[Network]:
    """The parts of the fused `network` between the nodes `at`, in order."""
    nodes = fuse(network).nodes
    names = [node.name for node in nodes]
    ends = [*(names.index(name) for name in at), len(nodes) - 1]
    begins = [0, *ends[:-1]]
    return [
        _piece(nodes[begin], nodes[begin + 1 : end + 1])
        for begin, end in zip(begins, ends, strict=True)
    ]


def _gates(nodes: Sequence[Node]) -> list[int]:
    """Nodes that everything passes through: nothing before them is read after them."""
    place = {node.name: i for i, node in enumerate(nodes)}
    last = list(range(len(nodes)))
    for i, node in enumerate(nodes):
        for name in node.inputs:
            last[place[name]] = i
    found, reach = [], 0
    for i in range(len(nodes)):
        if reach <= i:
            found.append(i)
        reach = max(reach, last[i])
    return found


def _neighbours(sizes: Sequence[int]) -> list[tuple[int, int, int]]:
    return list(zip(sizes, sizes[1:], sizes[2:], strict=False))


def _works(nodes: Sequence[Node]) -> bool:
    return any(node.op in _WEIGHTED for node in nodes)


def _piece(source: Node, nodes: Sequence[Node]) -> Network:
    shape = "x".join(map(str, source.shape))
    name = f"{nodes[0].name} to {nodes[-1].name} on {shape}"
    return Network(name, (Node(source.name, "input", (), source.shape), *nodes))
