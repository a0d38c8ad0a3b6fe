"""`Step`: one operator of ours on its way into the file."""

from __future__ import annotations

from dataclasses import dataclass

from cosearch.errors import CosearchError
from cosearch.networks.network import Node, Shape
from cosearch.networks.onnx_out.weights import Arrays
from cosearch.networks.tflite_out.graph import ACTIVATIONS, Graph, Tensor


@dataclass(frozen=True)
class Step:
    """The operator, the tensors it reads, their shapes as ours has them, and its weights."""

    graph: Graph
    node: Node
    inputs: tuple[Tensor, ...]
    shapes: tuple[Shape, ...]
    arrays: Arrays

    @property
    def shape(self) -> Shape:
        """Of the result, as the file has it."""
        return channels_last(self.node.shape, self.inputs[0].shape[0])

    @property
    def held(self) -> str:
        """The activation if a TFLite operator can hold it, else none."""
        kind = str(self.node.attributes.get("activation", "none"))
        return kind if kind in ACTIVATIONS else "none"

    @property
    def left(self) -> str:
        """The activation that must stand behind the operator."""
        kind = str(self.node.attributes.get("activation", "none"))
        return "none" if kind in ACTIVATIONS else kind

    def made(self, suffix: str = "") -> Tensor:
        """A tensor of the result's shape."""
        return self.graph.activation(self.node.name + suffix, self.shape)

    def refuse(self, why: str) -> CosearchError:
        """Names the node and its operator."""
        return CosearchError(f"node {self.node.name!r} ({self.node.op}) as TFLite: {why}")


def channels_last(shape: Shape, batch: int) -> Shape:
    """Images (c, h, w) as (batch, h, w, c); others keep their order."""
    return (batch, *shape[1:], shape[0]) if len(shape) == 3 else (batch, *shape)
