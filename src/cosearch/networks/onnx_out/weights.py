"""What an operator of a trained network holds: its arrays by name, batch norms folded in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy import ndarray

from cosearch.networks.network import Network, Node, Shape

Arrays = Mapping[str, ndarray]
Weights = Mapping[str, Arrays]  # by node name
Shapes = dict[str, Shape]


def _conv(node: Node, source: Shape) -> Shapes:
    weight = (node.shape[0], source[0] // node.groups, *node.kernel)
    return {"weight": weight, **_bias(node.shape[0], node.norm or node.bias)}


def _conv_transpose(node: Node, source: Shape) -> Shapes:
    weight = (source[0], node.shape[0] // node.groups, *node.kernel)
    return {"weight": weight, **_bias(node.shape[0], node.norm or node.bias)}


def _linear(node: Node, source: Shape) -> Shapes:
    return {"weight": (node.shape[0], math.prod(source)), **_bias(node.shape[0], node.bias)}


def _dense(node: Node, source: Shape) -> Shapes:
    return {"weight": (node.shape[-1], source[-1]), **_bias(node.shape[-1], node.bias)}


def _bias(channels: int, there: bool) -> Shapes:
    return {"bias": (channels,)} if there else {}


def _batch_norm(node: Node, source: Shape) -> Shapes:
    return dict.fromkeys(("scale", "bias", "mean", "variance"), node.shape[:1])


def _layer_norm(node: Node, source: Shape) -> Shapes:
    return dict.fromkeys(("scale", "bias"), node.shape[-1:])


def _class_token(node: Node, source: Shape) -> Shapes:
    return {"token": (1, node.shape[-1])}


def _position(node: Node, source: Shape) -> Shapes:
    return {"embedding": node.shape}


_SHAPES: Final[dict[str, Callable[[Node, Shape], Shapes]]] = {
    "batch_norm": _batch_norm,
    "class_token": _class_token,
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "dense": _dense,
    "layer_norm": _layer_norm,
    "linear": _linear,
    "position": _position,
}
_FIXED: Final = {"scale": 1.0, "mean": 0.0, "variance": 1.0}
_SMALL: Final = 0.1  # deviation of biases, tokens and positions: what passes never fades to 0


def shapes(node: Node, sources: Sequence[Shape]) -> Shapes:
    """Shapes of the arrays of `node` by name: a convolution's "weight" and "bias", ..."""
    return _SHAPES[node.op](node, sources[0]) if node.op in _SHAPES else {}


def draw(network: Network, seed: int = 0) -> dict[str, dict[str, ndarray]]:
    """Random weights, float32, under which a signal keeps its size (He et al. 2015, fan-in).

    Runtimes are slow on denormal numbers, which no trained network has. So is a normal draw; a
    uniform one of the same deviation does.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, dict[str, ndarray]] = {}
    for node in network.nodes:
        sources = [network.by_name[name] for name in node.inputs]
        arrays = shapes(node, [source.shape for source in sources])
        if arrays:
            gain = 1.0 if _is_linear(sources[0]) else 2.0  # of a ReLU's output
            found[node.name] = {k: _array(k, s, node, gain, rng) for k, s in arrays.items()}
    return found


def _is_linear(node: Node) -> bool:
    return bool(node.attributes.get("activation", "none") == "none")


def _array(name: str, shape: Shape, node: Node, gain: float, rng: np.random.Generator) -> ndarray:
    if name in _FIXED:
        return np.full(shape, _FIXED[name], dtype=np.float32)
    deviation = math.sqrt(gain / _fan_in(node, shape)) if name == "weight" else _SMALL
    reach = np.float32(math.sqrt(3) * deviation)
    values = rng.random(shape, dtype=np.float32)
    values *= 2 * reach
    values -= reach
    return values


def _fan_in(node: Node, weight: Shape) -> float:
    """Products that one output sums up."""
    if node.op == "conv_transpose":
        taps = math.prod(weight[2:]) / node.stride**2
        return max(1.0, weight[0] / node.groups * taps)
    return math.prod(weight[1:])
