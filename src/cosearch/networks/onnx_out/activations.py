"""Nonlinearities in the spelling that runtimes fuse."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from cosearch.errors import unknown
from cosearch.networks.network import Node
from cosearch.networks.onnx_out.graph import Graph

Apply = Callable[[Graph, str, str], str]


def activate(graph: Graph, node: Node, source: str) -> str:
    """`source` through the activation of `node`; `CosearchError` for one only files have."""
    kind = node.attributes.get("activation", "none")
    if kind == "none":
        return source
    if kind not in _ACTIVATIONS:
        raise unknown(f"activation of {node.name!r}", kind, ("none", *_ACTIVATIONS))
    return _ACTIVATIONS[kind](graph, source, f"{node.name}.{kind}")


def _relu(graph: Graph, source: str, name: str) -> str:
    return graph.add("Relu", (source,), name)


def _relu6(graph: Graph, source: str, name: str) -> str:
    bounds = (graph.number(0, f"{name}.low"), graph.number(6, f"{name}.high"))
    return graph.add("Clip", (source, *bounds), name)


def _hswish(graph: Graph, source: str, name: str) -> str:
    return graph.add("HardSwish", (source,), name)


def _hsigmoid(graph: Graph, source: str, name: str) -> str:
    return graph.add("HardSigmoid", (source,), name, alpha=1 / 6, beta=0.5)


def _sigmoid(graph: Graph, source: str, name: str) -> str:
    return graph.add("Sigmoid", (source,), name)


def _swish(graph: Graph, source: str, name: str) -> str:
    return graph.add("Mul", (source, _sigmoid(graph, source, f"{name}.sigmoid")), name)


def _gelu(graph: Graph, source: str, name: str) -> str:
    """x (1 + erf(x / sqrt 2)) / 2, as torch spells it: the pattern that runtimes look for."""
    root = graph.number(math.sqrt(2), f"{name}.root")
    erf = graph.add("Erf", (graph.add("Div", (source, root), f"{name}.div"),), f"{name}.erf")
    raised = graph.add("Add", (erf, graph.number(1, f"{name}.one")), f"{name}.add")
    twice = graph.add("Mul", (source, raised), f"{name}.mul")
    return graph.add("Mul", (twice, graph.number(0.5, f"{name}.half")), name)


_ACTIVATIONS: Final[dict[str, Apply]] = {
    "gelu": _gelu,
    "hsigmoid": _hsigmoid,
    "hswish": _hswish,
    "relu": _relu,
    "relu6": _relu6,
    "sigmoid": _sigmoid,
    "swish": _swish,
}
