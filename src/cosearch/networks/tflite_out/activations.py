"""Nonlinearities that no TFLite operator holds: operators of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from cosearch.errors import unknown
from cosearch.networks.tflite_out.graph import ACTIVATIONS, Graph, Tensor


def activate(graph: Graph, kind: str, source: Tensor, name: str) -> Tensor:
    """`source` through `kind`."""
    if kind == "none":
        return source
    if kind not in _ACTIVATIONS:
        raise unknown(f"activation of {name!r}", kind, ("none", *_ACTIVATIONS))
    return _ACTIVATIONS[kind](graph, source, f"{name}.{kind}")


def _plain(op: str) -> Callable[[Graph, Tensor, str], Tensor]:
    def apply(graph: Graph, source: Tensor, name: str) -> Tensor:
        return graph.add(op, [source], graph.activation(name, source.shape))

    return apply


def _sigmoid(graph: Graph, source: Tensor, name: str) -> Tensor:
    return graph.add("LOGISTIC", [source], graph.unit(name, source.shape))


def _swish(graph: Graph, source: Tensor, name: str) -> Tensor:
    gate = _sigmoid(graph, source, f"{name}.sigmoid")
    made = graph.activation(name, source.shape)
    return graph.add("MUL", [source, gate], made, graph.options("Mul"))


def _hsigmoid(graph: Graph, source: Tensor, name: str) -> Tensor:
    """relu6(x + 3) / 6, as TensorFlow spells it."""
    three = graph.constant(np.array(3.0), f"{name}.three")
    raised = graph.activation(f"{name}.raised", source.shape)
    clipped = graph.options("Add", fusedActivationFunction=ACTIVATIONS["relu6"])
    graph.add("ADD", [source, three], raised, clipped)
    sixth = graph.constant(np.array(1 / 6), f"{name}.sixth")
    made = graph.activation(name, source.shape)
    return graph.add("MUL", [raised, sixth], made, graph.options("Mul"))


def _gelu(graph: Graph, source: Tensor, name: str) -> Tensor:
    exact = graph.options("Gelu", approximate=False)
    return graph.add("GELU", [source], graph.activation(name, source.shape), exact)


_ACTIVATIONS: Final[dict[str, Callable[[Graph, Tensor, str], Tensor]]] = {
    "gelu": _gelu,
    "hsigmoid": _hsigmoid,
    "hswish": _plain("HARD_SWISH"),
    "relu": _plain("RELU"),
    "relu6": _plain("RELU6"),
    "sigmoid": _sigmoid,
    "swish": _swish,
}
