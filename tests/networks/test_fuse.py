"""Fusing: what is computed twice is computed once, and nothing else changes."""

from __future__ import annotations

import pytest

from cosearch.networks import Builder, Network, fuse
from cosearch.zoo import ZOO

CELLS = ("nasnet", "nasbench201")  # families whose edges each have their own activation


def cell() -> Network:
    net = Builder("cell", (4, 6, 6))
    x = net.conv("input", 8, "stem")
    edges = [net.conv(net.activation(x, "relu", f"relu{i}"), 8, f"edge{i}") for i in range(3)]
    return net_of(net, edges)


def net_of(net: Builder, edges: list[str]) -> Network:
    net.add(*edges, name="sum", activation="relu6")
    return net.build()


def test_activations_are_shared_and_folded_and_sums_are_of_two() -> None:
    fused = fuse(cell())
    assert [n.op for n in fused.nodes] == ["input", *["conv"] * 4, "add", "add"]
    assert [n.attributes.get("activation") for n in fused.nodes[1:]] == [
        "relu",
        *["none"] * 4,
        "relu6",
    ]
    assert fused.nodes[-2].inputs == ("edge0", "edge1")
    assert fused.nodes[-1].inputs[1] == "edge2"
    assert fused.nodes[-1].name == "sum"
    assert (fused.macs, fused.params) == (cell().macs, cell().params)
    assert fuse(fused) == fused


def test_an_activation_stays_where_someone_reads_the_bare_value() -> None:
    net = Builder("net", (4, 6, 6))
    x = net.conv("input", 4, "stem")
    net.add(x, net.activation(x, "relu", "relu"), name="sum")
    network = net.build()
    assert fuse(network) == network


def test_an_activation_passes_through_views() -> None:
    net = Builder("net", (4, 6, 6))
    x = net.reshape(net.conv("input", 4, "stem"), (2, 2, 36), "view")
    net.activation(net.slice(x, 0, 1, "half"), "relu", "relu")
    fused = fuse(net.build())
    assert [n.name for n in fused.nodes] == ["input", "stem", "view", "half"]
    assert fused.by_name["stem"].activation == "relu"


@pytest.mark.parametrize("name", [n for n, e in ZOO.items() if e.family not in CELLS])
def test_published_networks_are_fused_already(name: str) -> None:
    network = ZOO[name].build()
    assert fuse(network).rows == network.rows or fuse(network).layers == network.layers
