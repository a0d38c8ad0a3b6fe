"""A network, and its module, without some of its channels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import torch
from jaxtyping import Int
from numpy import ndarray
from torch import Tensor

from cosearch.deep.module import GraphModule
from cosearch.deep.netadapt.channels import Channels
from cosearch.deep.netadapt.flow import full
from cosearch.networks import Network, Node

Classes = Int[ndarray, " m"]
Places = Int[ndarray, " k"]

_BY_CHANNEL: Final = ("batch_norm", "conv", "conv_transpose", "dense", "linear")


def prune(channels: Channels, gone: Classes) -> Network:
    """The network without the classes `gone`, as plain as any other."""
    nodes = tuple(_narrowed(channels, node, gone) for node in channels.network.nodes)
    return Network(channels.network.name, nodes)


def _narrowed(channels: Channels, node: Node, gone: Classes) -> Node:
    shape = tuple(
        int(channels.stays(node.name, axis, gone).sum()) for axis in range(len(node.shape))
    )
    return replace(node, shape=shape, attributes=_attributes(channels, node, gone))


def _attributes(channels: Channels, node: Node, gone: Classes) -> dict[str, Any]:
    """Those that count channels follow; all others stay."""
    attributes = dict(node.attributes)
    if _is_depthwise(channels, node):
        attributes["groups"] = int(channels.stays(node.inputs[0], 0, gone).sum())
    if node.op == "slice":
        stays = channels.stays(node.inputs[0], node.axis, gone)
        attributes["start"] = int(stays[: node.start].sum())
        attributes["stop"] = int(stays[: node.stop].sum())
    return attributes


def _is_depthwise(channels: Channels, node: Node) -> bool:
    groups = node.attributes.get("groups", 1)
    return groups > 1 and groups == channels.network.by_name[node.inputs[0]].shape[0]


@torch.no_grad()
def pruned_module(module: GraphModule, channels: Channels, gone: Classes) -> GraphModule:
    """`module`, which computes `channels.network`, without the classes `gone`.

    What stays keeps its weights. Where all that went had been 0, the outputs are the same.
    """
    narrow = GraphModule(prune(channels, gone))
    for node, old, new in zip(module.nodes, module.ops, narrow.ops, strict=True):
        state = old.state_dict()
        if node.op in _BY_CHANNEL:
            state = {key: _cut(channels, node, value, gone) for key, value in state.items()}
        new.load_state_dict(state)
    return narrow.train(module.training)


def _cut(channels: Channels, node: Node, tensor: Tensor, gone: Classes) -> Tensor:
    """What stays of one tensor of an operator."""
    made = np.flatnonzero(channels.stays(node.name, -1 if node.op == "dense" else 0, gone))
    if tensor.ndim <= 1:  # biases, norms; a norm's counter
        return tensor[made] if tensor.ndim else tensor
    read = _read(channels, node, gone)
    if node.op == "conv_transpose":  # (in, out / groups, ...)
        return tensor[read][:, _inside(channels, node, made, tensor.shape[1])]
    return tensor[made][:, _inside(channels, node, read, tensor.shape[1])]


def _read(channels: Channels, node: Node, gone: Classes) -> Places:
    """Places of the source that stay: of its channels, or of everything, flattened."""
    source = node.inputs[0]
    if node.op == "linear":
        shape = channels.network.by_name[source].shape
        ids = full(channels.classes[source], shape).ravel()
        return np.flatnonzero(~np.isin(ids, gone))
    return np.flatnonzero(channels.stays(source, -1 if node.op == "dense" else 0, gone))


def _inside(channels: Channels, node: Node, places: Places, size: int) -> Places:
    """Those of the first group, which speaks for all; a depthwise filter has but its own."""
    return np.arange(size) if _is_depthwise(channels, node) else places[places < size]
