"""Batch norms folded into the filters before them: a module as its ONNX file computes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import torch

from cosearch.deep.export import weights
from cosearch.deep.module import GraphModule
from cosearch.networks import Network, fuse


@torch.no_grad()
def fold(module: GraphModule, network: Network) -> GraphModule:
    """The same function with batch norms folded into filters, and fused as its file is."""
    plain = GraphModule(fuse(with_biases(network))).eval()
    learned = weights(module)
    for node, op in zip(plain.nodes, plain.ops, strict=True):
        state = op.state_dict()
        roles = _NORM_ROLES if node.op == "batch_norm" else {}
        for name, array in learned[node.name].items():
            key = roles.get(name) or _key(state, name)
            state[key] = torch.from_numpy(array.copy())
        op.load_state_dict(state)
    return plain


_NORM_ROLES: Final = {
    "scale": "norm.weight",
    "bias": "norm.bias",
    "mean": "norm.running_mean",
    "variance": "norm.running_var",
}


def _key(state: dict[str, Any], name: str) -> str:
    """torch's name of an array: its own, or below the part that holds it."""
    wanted = {"scale": "weight"}.get(name, name)
    return next(key for key in state if key.rpartition(".")[2] == wanted)


def with_biases(network: Network) -> Network:
    """What is left of a norm that is folded in is a bias."""
    nodes = []
    for node in network.nodes:
        attributes = dict(node.attributes)
        if attributes.get("norm"):
            attributes |= {"norm": False, "bias": True}
        nodes.append(replace(node, attributes=attributes))
    return Network(network.name, tuple(nodes))
