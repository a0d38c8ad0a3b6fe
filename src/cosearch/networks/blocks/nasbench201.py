"""NAS-Bench-201 cells (Dong and Yang 2020): four nodes, an operator on each of six edges."""

from __future__ import annotations

from typing import Final

from cosearch.networks.builder import Builder

OPERATORS: Final = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
_KERNELS: Final = {"nor_conv_1x1": 1, "nor_conv_3x3": 3}


def parse_cell(cell: str) -> tuple[tuple[str, ...], ...]:
    """Operators into node 1, node 2 and node 3 of a cell as the benchmark writes it."""
    return tuple(
        tuple(edge.split("~")[0] for edge in node.strip("|").split("|")) for node in cell.split("+")
    )


def edge(net: Builder, source: str, operator: str, name: str) -> str:
    """One of `OPERATORS` but none, at the width of the source; convolutions are ReLU-conv-BN."""
    if operator == "skip_connect":
        return source
    if operator == "avg_pool_3x3":
        return net.pool("avg", source, f"{name}.pool", kernel=3)
    return relu_conv(net, source, net.shape(source)[0], name, kernel=_KERNELS[operator])


def node(net: Builder, sources: tuple[str, ...], operators: tuple[str, ...], name: str) -> str:
    """Sum of what the edges from earlier nodes bring; zeros where all of them are none.

    A node that no later edge reads is grown all the same: the benchmark runs and counts it.
    """
    ends = [
        edge(net, source, operator, f"{name}.edge{i}")
        for i, (source, operator) in enumerate(zip(sources, operators, strict=True))
        if operator != "none"
    ]
    if not ends:
        return net.scale(sources[0], 0.0, f"{name}.zero")
    return ends[0] if len(ends) == 1 else net.add(*ends, name=f"{name}.add")


def grow_cell(net: Builder, source: str, operators: tuple[tuple[str, ...], ...], name: str) -> str:
    """A cell of the operators into node 1, into node 2, into node 3; node 3 is the output."""
    nodes = [source]
    for i, edges in enumerate(operators, start=1):
        nodes.append(node(net, tuple(nodes), edges, f"{name}.node{i}"))
    return nodes[-1]


def reduction(net: Builder, source: str, channels: int, name: str) -> str:
    """The fixed residual block between stages: halves the size."""
    x = relu_conv(net, source, channels, f"{name}.conv0", kernel=3, stride=2)
    x = relu_conv(net, x, channels, f"{name}.conv1", kernel=3)
    shortcut = net.pool("avg", source, f"{name}.pool", kernel=2, stride=2, pad=0)
    shortcut = net.conv(shortcut, channels, f"{name}.shortcut", norm=False, bias=False)
    return net.add(shortcut, x, name=f"{name}.add")


def relu_conv(
    net: Builder, source: str, channels: int, name: str, *, kernel: int, stride: int = 1
) -> str:
    """ReLU, convolution, batch norm."""
    x = net.activation(source, "relu", f"{name}.relu")
    return net.conv(x, channels, f"{name}.conv", kernel=kernel, stride=stride)
