"""`unfuse`: a network as a framework runs it operator by operator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cosearch.networks.builder import NORM_EPS
from cosearch.networks.network import Network, Node


def unfuse(network: Network) -> Network:
    """The same function with norms and activations as operators of their own.

    Eager PyTorch runs a convolution, its batch norm and its activation one after another, and what
    passes between them goes through memory. Compilers do not: see `fuse`.
    """
    return Network(network.name, tuple(part for node in network.nodes for part in _parts(node)))


def _parts(node: Node) -> Iterator[Node]:
    """The operators that a node stands for; the last one keeps its name."""
    normed = node.op in ("conv", "conv_transpose") and node.attributes.get("norm", False)
    active = node.op != "activation" and node.attributes.get("activation", "none") != "none"
    if not normed and not active:
        yield node
        return
    name = f"{node.name}.{node.op}"
    bare = dict(node.attributes) | {"activation": "none"}
    if normed:
        eps = bare.pop("eps", NORM_EPS)
        yield replace(node, name=name, attributes=bare | {"norm": False})
        ends = f"{node.name}.norm" if active else node.name
        yield Node(ends, "batch_norm", (name,), node.shape, {"activation": "none", "eps": eps})
        name = ends
    else:
        yield replace(node, name=name, attributes=bare)
    if active:
        kind = {"activation": node.activation}
        yield Node(node.name, "activation", (name,), node.shape, kind)
