"""`Network`: one network as data, the only source of its torch module, cost rows and picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np

from cosearch.errors import CosearchError
from cosearch.networks import ops
from cosearch.networks.layers import LAYER_FIELDS, Layers, unpack

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """One operator. `shape` is its output (channels, height, width), without the batch."""

    name: str
    op: str
    inputs: tuple[str, ...]
    shape: Shape
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        """Read an attribute as a field, e.g. ``node.stride``."""
        try:
            return self.__dict__["attributes"][name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass(frozen=True)
class Network:
    """A directed acyclic graph of operators in topological order; the last node is the output."""

    name: str
    nodes: tuple[Node, ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for node in self.nodes:
            ops.check(node.op, node.name)
            if node.name in seen:
                raise CosearchError(f"network {self.name!r}: node {node.name!r} appears twice")
            for source in node.inputs:
                if source not in seen:
                    raise CosearchError(
                        f"network {self.name!r}: node {node.name!r} reads {source!r}, "
                        "which does not come before it"
                    )
            seen.add(node.name)

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """Nodes by name."""
        return {node.name: node for node in self.nodes}

    @property
    def input_shape(self) -> Shape:
        """Shape of the input, (channels, height, width)."""
        return self.nodes[0].shape

    @cached_property
    def params(self) -> int:
        """Trainable parameters: weights, biases, batch-norm scale and shift."""
        return sum(ops.params(node, self._sources(node)) for node in self.nodes)

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return int(self.layers.macs.sum())

    @cached_property
    def layers(self) -> Layers:
        """Cost rows, shape (L,), in execution order: mostly one per operator that does work."""
        table = np.array([bounds for _, bounds in self.bounds], dtype=np.int64)
        return unpack(table.reshape(-1, len(LAYER_FIELDS)))

    @cached_property
    def rows(self) -> tuple[tuple[Node, Layers], ...]:
        """(node, its cost row) for the nodes that do work; a node with several comes again."""
        return tuple((node, unpack(np.array(bounds))) for node, bounds in self.bounds)

    @cached_property
    def bounds(self) -> tuple[tuple[Node, ops.Bounds], ...]:
        """`rows` as plain integers."""
        found = ((node, ops.rows(node, self._sources(node))) for node in self.nodes)
        return tuple((node, row) for node, rows in found for row in rows)

    def _sources(self, node: Node) -> list[Shape]:
        return [self.by_name[name].shape for name in node.inputs]

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `from_dict` reverses it."""
        return {
            "name": self.name,
            "nodes": [
                {
                    "name": node.name,
                    "op": node.op,
                    "inputs": list(node.inputs),
                    "shape": list(node.shape),
                    **node.attributes,
                }
                for node in self.nodes
            ],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild from `to_dict`."""
        fixed = ("name", "op", "inputs", "shape")
        return cls(
            data["name"],
            tuple(
                Node(
                    row["name"],
                    row["op"],
                    tuple(row["inputs"]),
                    tuple(row["shape"]),
                    {key: value for key, value in row.items() if key not in fixed},
                )
                for row in data["nodes"]
            ),
        )
