"""`Network` -> `nn.Module`: the graph, node by node.

The modules take float32 images in [0, 1], (n, c, h, w), as do the ONNX files made from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import torch
from torch import Tensor, nn

from cosearch.networks import Network, Node

Shape = tuple[int, ...]

NORM_EPS: Final = 1e-3  # as the MobileNet papers; 1e-5 makes int8 scales of dead channels explode

ACTIVATIONS: Final[dict[str, Callable[[], nn.Module]]] = {
    "none": nn.Identity,
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "hswish": nn.Hardswish,
    "hsigmoid": nn.Hardsigmoid,
    "swish": nn.SiLU,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
}


class _Conv2d(nn.Conv2d):
    """Starts with memory as found: torch's own draw is slow, and uses the global generator."""

    def reset_parameters(self) -> None:
        """Nothing: `initialise` or a state dict fills the weights."""


class _Linear(nn.Linear):
    """Starts with memory as found, like `_Conv2d`."""

    def reset_parameters(self) -> None:
        """Nothing: `initialise` or a state dict fills the weights."""


class GraphModule(nn.Module):
    """Runs operators in topological order; the last one's result is the output.

    Its weights are memory as found until `initialise` or a state dict fills them.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        shapes = {node.name: node.shape for node in network.nodes}
        steps = [node for node in network.nodes if node.op != "input"]
        # a list, not a dict: node names may hold dots and other things torch forbids in keys
        self.ops = nn.ModuleList(OPS[n.op](n, [shapes[s] for s in n.inputs]) for n in steps)
        self.steps = tuple((node.name, node.inputs) for node in steps)
        self.source = network.nodes[0].name

    def forward(self, images: Tensor) -> Tensor:
        """(n, c, h, w) float32 in [0, 1] to (n, classes) logits."""
        values = {self.source: images}
        for op, (name, inputs) in zip(self.ops, self.steps, strict=True):
            values[name] = op(*(values[source] for source in inputs))
        return values[self.steps[-1][0]]


class ConvNormAct(nn.Module):
    """Convolution, then batch norm (or a bias in the convolution), then activation."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        self.conv = _Conv2d(
            sources[0][0],
            node.shape[0],
            tuple(node.kernel),
            node.stride,
            tuple(node.pad),
            groups=node.groups,
            bias=node.bias,
        )
        self.norm = nn.BatchNorm2d(node.shape[0], eps=NORM_EPS) if node.norm else nn.Identity()
        self.act = ACTIVATIONS[node.activation]()

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) to (n, k, h', w')."""
        return self.act(self.norm(self.conv(x)))


class Linear(nn.Module):
    """Fully connected over the flattened source, then activation."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        self.linear = _Linear(math.prod(sources[0]), node.shape[0], bias=node.bias)
        self.act = ACTIVATIONS[node.activation]()

    def forward(self, x: Tensor) -> Tensor:
        """(n, ...) to (n, units)."""
        return self.act(self.linear(x.flatten(1)))


class Elementwise(nn.Module):
    """Sum, product or concatenation of the sources, then activation."""

    def __init__(self, node: Node, sources: Sequence[Shape]) -> None:
        super().__init__()
        self.op = node.op
        self.act = ACTIVATIONS[node.attributes.get("activation", "none")]()

    def forward(self, *sources: Tensor) -> Tensor:
        """Sources of one shape (or, for `mul`, one that broadcasts) to that shape."""
        if self.op == "concat":
            return self.act(torch.cat(sources, 1))
        total = sources[0]
        for other in sources[1:]:
            total = total + other if self.op == "add" else total * other
        return self.act(total)


def _max_pool(node: Node, sources: Sequence[Shape]) -> nn.Module:
    kernel, pad = tuple(node.kernel), tuple(node.pad)
    return nn.MaxPool2d(kernel, node.stride, pad, ceil_mode=_rounds_up(node, sources[0]))


def _avg_pool(node: Node, sources: Sequence[Shape]) -> nn.Module:
    up = _rounds_up(node, sources[0])
    kernel, pad = tuple(node.kernel), tuple(node.pad)
    return nn.AvgPool2d(kernel, node.stride, pad, ceil_mode=up, count_include_pad=False)


def _rounds_up(node: Node, source: Shape) -> bool:
    """Whether the node's shape needs a last, partial window."""
    axes = zip(source[1:], node.kernel, node.pad, strict=True)
    down = tuple((size + 2 * pad - kernel) // node.stride + 1 for size, kernel, pad in axes)
    return down != tuple(node.shape[1:])


OPS: Final[dict[str, Callable[[Node, Sequence[Shape]], nn.Module]]] = {
    "conv": ConvNormAct,
    "linear": Linear,
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "add": Elementwise,
    "mul": Elementwise,
    "concat": Elementwise,
    "activation": lambda node, sources: ACTIVATIONS[node.activation](),
    "flatten": lambda node, sources: nn.Flatten(),
}


def to_module(network: Network, *, seed: int = 0) -> GraphModule:
    """The module of `network`, its weights drawn from `seed` and from nothing else."""
    module = GraphModule(network)
    initialise(module, torch.Generator().manual_seed(seed))
    return module


@torch.no_grad()
def initialise(module: nn.Module, generator: torch.Generator) -> None:
    """He fan-out normal for convolutions, as the MobileNet papers; small normal for linear."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.reset_parameters()
        if not isinstance(part, nn.Conv2d | nn.Linear):
            continue
        deviation = 0.01
        if isinstance(part, nn.Conv2d):
            fan_out = math.prod(part.kernel_size) * part.out_channels // part.groups
            deviation = math.sqrt(2 / fan_out)
        part.weight.normal_(0, deviation, generator=generator)
        if part.bias is not None:
            part.bias.zero_()
