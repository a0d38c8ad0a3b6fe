"""Which channels a network would miss least: those whose filters are smallest."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray

from cosearch.deep.module import GraphModule
from cosearch.deep.netadapt.channels import Channels, Group
from cosearch.deep.netadapt.flow import full
from cosearch.networks import Node


@torch.no_grad()
def importance(
    module: GraphModule, channels: Channels, group: Group, norm: int
) -> Float[ndarray, " n"]:
    """Of each class: the L1 or L2 norms of the filters that make its channels, summed up."""
    total = np.zeros(int(group.classes.max()) + 1)
    parts = {node.name: (node, op) for node, op in zip(module.nodes, module.ops, strict=True)}
    for name in group.makers:
        node, op = parts[name]
        weight = (op.linear if node.op in ("dense", "linear") else op.conv).weight
        ids = _made(channels, node)
        ours = np.isin(ids, group.classes)
        np.add.at(total, ids[ours], _norms(node, weight, norm)[ours])
    return total[group.classes]


def least(scores: Float[ndarray, " n"], group: Group, kept: int) -> Int[ndarray, " m"]:
    """The classes to go so that `kept` stay; of equals, the last."""
    order = np.argsort(-scores, kind="stable")
    return group.classes[order[kept:]]


def _made(channels: Channels, node: Node) -> Int[ndarray, " channels"]:
    axis = -1 if node.op == "dense" else 0
    ids = np.moveaxis(full(channels.classes[node.name], node.shape), axis, 0)
    return ids.reshape(node.shape[axis], -1)[:, 0]


def _norms(node: Node, weight: torch.Tensor, norm: int) -> Float[ndarray, " channels"]:
    """Of the filter of every output."""
    if node.op == "conv_transpose":  # (in, out / groups, ...): outputs are axis 1, group by group
        weight = weight.unflatten(0, (node.groups, -1)).transpose(1, 2).flatten(0, 1)
    return weight.flatten(1).double().norm(p=norm, dim=1).numpy()
