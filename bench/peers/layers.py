"""The layers every tool is given: the distinct convolutions of MobileNetV2 and ResNet-18."""

from __future__ import annotations

import numpy as np
from bench.peers.peer import Layer

from cosearch.networks import Kind, Layers
from cosearch.zoo import find_network

NETWORKS = ("mobilenet-v2-1.0", "resnet-18")

# What the slow ones get: a 3x3, a strided and a plain pointwise, and a depthwise convolution.
SAMPLE = (
    "mobilenet-v2-1.0 stem",
    "resnet-18 stage3.block0.shortcut",
    "mobilenet-v2-1.0 stage3.block0.project",
    "mobilenet-v2-1.0 stage3.block1.depthwise",
)


def distinct_convolutions() -> tuple[list[Layer], Layers]:
    """Each loop bound once, as dicts for the peers and as columns (n,) for us, in one order."""
    found: dict[tuple[int, ...], str] = {}
    for name in NETWORKS:
        network = find_network(name)
        table = network.layers.table(np.int64)
        for (node, _), row in zip(network.rows, table, strict=True):
            if row[0] == Kind.MAC:
                found.setdefault(tuple(row.tolist()), f"{name} {node.name}")
    columns = Layers(*np.array(list(found)).T)
    return [describe(name, columns[i]) for i, name in enumerate(found.values())], columns


def describe(name: str, row: Layers) -> Layer:
    """One layer as plain numbers; padding is what the input lacks to feed every output."""
    layer: Layer = {"name": name}
    layer |= {key: int(value) for key, value in row.items()}
    layer["padding_y"] = _padding(layer["out_y"], layer["kernel_y"], layer["in_y"], layer["stride"])
    layer["padding_x"] = _padding(layer["out_x"], layer["kernel_x"], layer["in_x"], layer["stride"])
    return layer


def reach(layer: Layer, axis: str) -> int:
    """Input rows ("y") or columns ("x") the outputs need, padding included."""
    return int((layer[f"out_{axis}"] - 1) * layer["stride"] + layer[f"kernel_{axis}"])


def is_depthwise(layer: Layer) -> bool:
    """One channel in and out of each group."""
    return bool(layer["groups"] > 1 and layer["in_channels"] == 1)


def _padding(outputs: int, taps: int, inputs: int, stride: int) -> tuple[int, int]:
    lacks = max(0, (outputs - 1) * stride + taps - inputs)
    return lacks // 2, lacks - lacks // 2
