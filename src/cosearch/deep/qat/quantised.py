"""A module that answers as its int8 file will, and can be trained as it does."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from cosearch.deep.fold import fold, with_biases
from cosearch.deep.module import GraphModule
from cosearch.deep.qat.fake import INT8, FakeActivation, FakeBias, FakeWeight, Precision
from cosearch.networks import Network, Node, fuse
from cosearch.networks.onnx_out.write import FIRST, LAST

BATCH: Final = 128
_ROUNDED: Final = re.compile(r"parametrizations\.(\w+)\.original")  # torch's name of what is
_CLIPPED: Final = ("none", "relu", "relu6")  # the range alone does what these do
_PARTS: Final = {"conv": "conv", "conv_transpose": "conv", "dense": "linear", "linear": "linear"}
_SUMMED: Final = ("conv", "conv_transpose", "dense")  # elsewhere biases are added afterwards


class Quantised(nn.Module):
    """`module`, which computes `network`, with norms folded in and every tensor rounded.

    Ranges are those of calibration images (`watch`), until training moves them. An activation of
    several operators (swish, GELU) is rounded at its ends only.
    """

    def __init__(self, module: GraphModule, network: Network, precision: Precision = INT8) -> None:
        super().__init__()
        self.network = fuse(with_biases(network))
        self.module = fold(module, network)
        self.places = places(self.network)
        self.names = tuple(dict.fromkeys(name for at in self.places.values() for name in at))
        self.points = nn.ModuleList(FakeActivation(precision.activation) for _ in self.names)
        self._by_name = dict(zip(self.names, self.points, strict=True))
        for node, op in zip(self.module.nodes, self.module.ops, strict=True):
            self._hook(node, op)
            if node.op in _PARTS:
                self._round_part(node, getattr(op, _PARTS[node.op]), precision)

    def forward(self, images: Tensor) -> Tensor:
        """(n, c, h, w) float32 in [0, 1] to (n, classes) logits."""
        return self.module(self._by_name[FIRST](images))

    @torch.no_grad()
    def watch(self, images: Tensor) -> None:
        """Take the ranges from these images, nothing rounded, as the file's calibration does."""
        fakes = [p for p in self.modules() if isinstance(p, FakeActivation | FakeWeight)]
        for fake in fakes:
            fake.watching = True
        self.eval()
        for batch in images.split(BATCH):
            self(batch)
        for fake in fakes:
            fake.watching = False

    def ranges(self) -> dict[str, tuple[float, float]]:
        """(low, high) by tensor, as the file names it."""
        found = ((name, point.range()) for name, point in self._by_name.items())
        return {name: (low.item(), high.item()) for name, (low, high) in found}

    def plain(self) -> GraphModule:
        """The module with the weights as they are now, not rounded."""
        plain = GraphModule(self.network)
        for old, new in zip(self.module.ops, plain.ops, strict=True):
            state = old.state_dict().items()
            new.load_state_dict({_ROUNDED.sub(r"\1", name): tensor for name, tensor in state})
        return plain.eval()

    def _round_part(self, node: Node, part: nn.Module, precision: Precision) -> None:
        """Its filters, and the biases that are added to sums of integers."""
        axis = 1 if node.op == "conv_transpose" and node.groups == 1 else 0
        parametrize.register_parametrization(part, "weight", FakeWeight(precision.weight, axis))
        by_output = part.bias is not None and part.weight.shape[axis] == len(part.bias)
        if node.op in _SUMMED and by_output:
            reads = self._by_name[self.places[node.inputs[0]][-1]]
            parametrize.register_parametrization(part, "bias", FakeBias(reads, part))

    def _hook(self, node: Node, op: nn.Module) -> None:
        """Round what the operator makes, and what its activation reads."""
        *before, after = self.places[node.name]
        if before:
            op.act.register_forward_pre_hook(partial(_round_input, self._by_name[before[0]]))
        op.register_forward_hook(partial(_round_output, self._by_name[after]))


def places(network: Network) -> dict[str, tuple[str, ...]]:
    """By node, whose ranges round it: what its activation reads, if that is rounded, and its end.

    Ranges are called by the tensor of the file whose they are. Views and pools keep those of what
    they read.
    """
    found: dict[str, tuple[str, ...]] = {network.nodes[0].name: (FIRST,)}
    for node in network.nodes[1:]:
        if _keeps_range(node, network):
            found[node.name] = found[node.inputs[0]][-1:]
            continue
        kind = node.attributes.get("activation", "none")
        end = node.name if kind == "none" else f"{node.name}.{kind}"
        reads = () if kind in _CLIPPED or node.op == "activation" else (node.name,)
        found[node.name] = (*reads, LAST if node is network.nodes[-1] else end)
    return found


def _keeps_range(node: Node, network: Network) -> bool:
    whole = network.by_name[node.inputs[0]].shape[1:]
    windowed = node.op in ("avg_pool", "max_pool") and tuple(node.kernel) != whole
    return windowed or node.op in ("flatten", "reshape", "slice", "transpose")


def _round_input(point: nn.Module, part: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor]:
    return (point(given[0]),)


def _round_output(point: nn.Module, part: nn.Module, given: Any, made: Tensor) -> Tensor:
    return point(made)
