"""`GraphModule`: runs the operators of a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from torch import Tensor, nn

from cosearch.deep.module import plain, weighted
from cosearch.networks import Network, Node
from cosearch.networks.network import Shape

OPS: Final[dict[str, Callable[[Node, Sequence[Shape]], nn.Module]]] = {
    "conv": weighted.ConvNormAct,
    "conv_transpose": weighted.ConvNormAct,
    "linear": weighted.Linear,
    "dense": weighted.Linear,
    "matmul": plain.MatMul,
    "max_pool": plain.pool,
    "avg_pool": plain.pool,
    "add": plain.Elementwise,
    "mul": plain.Elementwise,
    "activation": plain.activation,
    "batch_norm": weighted.BatchNorm,
    "layer_norm": weighted.layer_norm,
    "softmax": plain.softmax,
    "scale": plain.Scale,
    "elementwise": plain.costed_only,
    "reduce": plain.Reduce,
    "class_token": weighted.ClassToken,
    "position": weighted.Position,
    "concat": plain.Concat,
    "move": plain.costed_only,
    "transpose": plain.Transpose,
    "slice": plain.Slice,
    "reshape": plain.Reshape,
    "flatten": plain.Reshape,
}


class GraphModule(nn.Module):
    """Runs operators in topological order; the last one's result is the output.

    Its weights are memory as found until `initialise` or a state dict fills them.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        shapes = {node.name: node.shape for node in network.nodes}
        self.nodes = tuple(node for node in network.nodes if node.op != "input")
        # a list, not a dict: node names may hold dots and other things torch forbids in keys
        self.ops = nn.ModuleList(OPS[n.op](n, [shapes[s] for s in n.inputs]) for n in self.nodes)
        self.steps = tuple((node.name, node.inputs) for node in self.nodes)
        self.source = network.nodes[0].name
        self.done = last_reads(self.nodes)

    def forward(self, images: Tensor) -> Tensor:
        """(n, c, h, w) float32 in [0, 1] to (n, classes) logits."""
        values = {self.source: images}
        for op, (name, inputs), done in zip(self.ops, self.steps, self.done, strict=True):
            values[name] = op(*(values[source] for source in inputs))
            for source in done:
                del values[source]
        return values[self.steps[-1][0]]


def last_reads(nodes: Sequence[Node]) -> tuple[tuple[str, ...], ...]:
    """What nobody reads after each step: kept, it would fill the memory in inference."""
    last = {source: i for i, node in enumerate(nodes) for source in node.inputs}
    done: list[list[str]] = [[] for _ in nodes]
    for source, i in last.items():
        done[i].append(source)
    return tuple(tuple(sources) for sources in done)
