"""`Step`: one operator of ours on its way into the file."""

from __future__ import annotations

from dataclasses import dataclass

from cosearch.networks.network import Node, Shape
from cosearch.networks.onnx_out.activations import activate
from cosearch.networks.onnx_out.graph import Graph
from cosearch.networks.onnx_out.weights import Arrays


@dataclass(frozen=True)
class Step:
    """The operator, the tensors it reads with their shapes (batch left out), and its weights."""

    graph: Graph
    node: Node
    inputs: tuple[str, ...]
    shapes: tuple[Shape, ...]
    arrays: Arrays

    @property
    def name(self) -> str:
        """The node's, which is its tensor's as well."""
        return self.node.name

    def weight(self, array: str) -> str:
        """The tensor of one of `arrays`."""
        return self.graph.constant(self.arrays[array], f"{self.name}.{array}")

    def weights(self, *arrays: str) -> tuple[str, ...]:
        """Those of `arrays` that the node has, in this order."""
        return tuple(self.weight(array) for array in arrays if array in self.arrays)

    def activated(self, source: str) -> str:
        """`source` through the node's activation."""
        return activate(self.graph, self.node, source)

    def reshaped(self, source: str, shape: Shape, name: str) -> str:
        """A view of `source`; the batch stays in front."""
        batch = -1 if self.graph.batch is None else self.graph.batch
        to = self.graph.integers((batch, *shape), f"{name}.shape")
        return self.graph.add("Reshape", (source, to), name)
