"""`fuse`: a network as graph compilers and ONNX exporters see it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from cosearch.networks.network import Network, Node
from cosearch.networks.ops import ACTIVATIONS

CARRIERS: Final = (  # operators whose nodes hold an activation
    "add",
    "batch_norm",
    "concat",
    "conv",
    "conv_transpose",
    "dense",
    "linear",
    "mul",
)
VIEWS: Final = ("flatten", "reshape", "slice")  # of which an activation is a view, too
PURE: Final = (
    "activation",
    "add",
    "avg_pool",
    "concat",
    "flatten",
    "matmul",
    "max_pool",
    "mul",
    "reshape",
    "scale",
    "slice",
    "softmax",
    "transpose",
)


def fuse(network: Network) -> Network:
    """The same function with sums of two, nothing computed twice or for nobody, and activations in
    the operator before them where all its readers want the same one.

    Spaces of cells give every edge its own activation and pool, since an edge must cost the same
    whatever the others are. What runs, and what an exported file is read back as, is fused.
    """
    return Network(network.name, share(_live(network.nodes)))


def share(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """`fuse` for nodes all of which count, as in a file with several outputs."""
    return _fold(_merge(_pairs(nodes)))


def _live(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Those that the output depends on, and the input."""
    wanted = {nodes[0].name, nodes[-1].name}
    for node in reversed(nodes):
        if node.name in wanted:
            wanted.update(node.inputs)
    return tuple(node for node in nodes if node.name in wanted)


def _pairs(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Sums of more than two, written as sums of two."""
    made: list[Node] = []
    for node in nodes:
        inputs = node.inputs
        while node.op == "add" and len(inputs) > 2:
            name = f"{node.name}.{len(node.inputs) - len(inputs)}"
            made.append(Node(name, "add", inputs[:2], node.shape, {"activation": "none"}))
            inputs = (name, *inputs[2:])
        made.append(replace(node, inputs=inputs))
    return tuple(made)


def _merge(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """One node for what is computed twice."""
    first: dict[object, str] = {}
    same: dict[str, str] = {}
    made: list[Node] = []
    for node in nodes:
        node = _renamed(node, same)
        if _is_pure(node):
            what = (node.op, node.inputs, node.shape, repr(sorted(node.attributes.items())))
            kept = first.setdefault(what, node.name)
            if kept != node.name:
                same[node.name] = kept
                continue
        made.append(node)
    return tuple(made)


def _is_pure(node: Node) -> bool:
    """Whether op, inputs and attributes say all: no weights, no constants known by shape alone."""
    return node.op in PURE and node.attributes.get("activation", "none") in ACTIVATIONS


def _fold(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Activations into the operators whose only reader they are, maybe through views."""
    readers = Counter(name for node in nodes for name in node.inputs)
    same: dict[str, str] = {}
    made: dict[str, Node] = {}
    for node in nodes:
        node = _renamed(node, same)
        host = _host(node, made, readers) if node.op == "activation" else None
        if host is None:
            made[node.name] = node
            continue
        attributes = {**host.attributes, "activation": node.activation}
        made[host.name] = replace(host, attributes=attributes)
        same[node.name] = node.inputs[0]
        readers[node.inputs[0]] = readers[node.name]
    return tuple(made.values())


def _host(node: Node, made: dict[str, Node], readers: Counter[str]) -> Node | None:
    """The operator that can apply the activation `node`, if nothing else reads it."""
    source = made[node.inputs[0]]
    while source.op in VIEWS and readers[source.name] == 1:
        source = made[source.inputs[0]]
    return source if readers[source.name] == 1 and _can_carry(source) else None


def _can_carry(node: Node) -> bool:
    return node.op in CARRIERS and node.attributes.get("activation", "none") == "none"


def _renamed(node: Node, same: dict[str, str]) -> Node:
    return replace(node, inputs=tuple(same.get(name, name) for name in node.inputs))
