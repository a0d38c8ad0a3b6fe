"""Modules equal the graphs they come from."""

from __future__ import annotations

import pytest
import torch

from cosearch.deep.module import ACTIVATIONS, OPS, to_module
from cosearch.networks import Builder, Network, Node
from cosearch.networks import ops as graph_ops


def every_op() -> Network:
    """One network with every operator, odd sizes and strides."""
    net = Builder("all", (3, 9, 7))
    x = net.conv("input", 8, "a.conv", kernel=3, stride=2, activation="hswish")
    y = net.conv(x, 8, "a/dw", kernel=5, groups=8, activation="relu6", norm=False)
    x = net.add(x, y, name="type")  # a name torch's own dictionaries would refuse
    squeezed = net.conv(net.global_pool(x, "se.pool"), 8, "se", activation="hsigmoid", norm=False)
    x = net.add_node("mul", (x, squeezed), net.shape(x), "scale")
    x = net.add_node("concat", (x, y), (16, *net.shape(x)[1:]), "concat", axis=0)
    x = net.add_node("activation", (x,), net.shape(x), "act", activation="swish")
    x = net.add_node("max_pool", (x,), (16, 3, 2), "max", kernel=(3, 3), stride=2, pad=(1, 1))
    # a last, partial window: the shape is rounded up
    x = net.add_node("avg_pool", (x,), (16, 2, 1), "avg", kernel=(2, 2), stride=2, pad=(0, 0))
    x = net.add_node("flatten", (x,), (32,), "flat")
    net.linear(x, 5, "out", activation="sigmoid")
    return net.build()


def test_tables_cover_the_graph():
    assert set(OPS) == set(graph_ops.OPS) - {"input"}
    assert set(ACTIVATIONS) == set(graph_ops.ACTIVATIONS)


def test_every_op_gives_the_shape_the_graph_says():
    network = every_op()
    module = to_module(network).eval()
    shapes: dict[str, tuple[int, ...]] = {}
    for op, (name, _) in zip(module.ops, module.steps, strict=True):
        op.register_forward_hook(
            lambda _m, _i, out, name=name: shapes.__setitem__(name, tuple(out.shape[1:]))
        )
    module(torch.rand(2, *network.input_shape))
    assert shapes == {node.name: node.shape for node in network.nodes[1:]}


def test_parameters_equal_the_graphs_count(tiny):
    for genome in (tiny.space.encode(values) for values in tiny.references.values()):
        network = tiny.network(genome)
        assert sum(p.numel() for p in to_module(network).parameters()) == network.params
    assert sum(p.numel() for p in to_module(every_op()).parameters()) == every_op().params


def test_weights_depend_on_the_seed_alone(tiny, middle):
    network = tiny.network(middle)
    torch.manual_seed(1)
    first = to_module(network, seed=3).state_dict()
    torch.manual_seed(2)
    before = torch.get_rng_state()
    second = to_module(network, seed=3).state_dict()
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(first[key], second[key]) for key in first)
    other = to_module(network, seed=4).state_dict()
    assert not torch.equal(first["ops.0.conv.weight"], other["ops.0.conv.weight"])


@pytest.mark.parametrize("groups", [1, 16])
def test_convolutions_start_with_he_fan_out(groups):
    net = Builder("n", (64, 8, 8))
    net.conv("input", 64, "conv", kernel=3, groups=groups)
    weight = to_module(net.build()).ops[0].conv.weight
    assert float(weight.detach().std()) == pytest.approx((2 / (9 * 64 / groups)) ** 0.5, rel=0.05)


def test_images_average_to_what_plain_torch_says():
    node = Node(
        "pool", "avg_pool", ("input",), (1, 2, 2), {"kernel": (3, 3), "stride": 2, "pad": (1, 1)}
    )
    network = Network("n", (Node("input", "input", (), (1, 4, 4)), node))
    out = to_module(network)(torch.ones(1, 1, 4, 4))
    assert torch.equal(out, torch.ones(1, 1, 2, 2))  # padding is not averaged in
