"""Networks as an eager framework runs them."""

import numpy as np
import pytest

from cosearch.networks import Builder, Kind, unfuse
from cosearch.zoo import find_network


def test_norm_and_activation_are_operators() -> None:
    net = Builder("one", (3, 8, 8))
    x = net.conv("input", 16, "a", kernel=3, activation="relu")
    net.conv(x, 16, "b")
    network = unfuse(net.build())
    ops = [(node.name, node.op, node.inputs) for node in network.nodes[1:]]
    assert ops == [
        ("a.conv", "conv", ("input",)),
        ("a.norm", "batch_norm", ("a.conv",)),
        ("a", "activation", ("a.norm",)),
        ("b.conv", "conv", ("a",)),
        ("b", "batch_norm", ("b.conv",)),
    ]
    assert network.layers.kind.tolist() == [Kind.MAC, *[Kind.ELEMENTWISE] * 2, Kind.MAC, 2]


@pytest.mark.parametrize("name", ["mnasnet-a1", "efficientnet-b0", "resnet-50", "vit-ti"])
def test_the_work_stays_the_same(name: str) -> None:
    network = find_network(name)
    apart = unfuse(network)
    assert (apart.params, apart.macs) == (network.params, network.macs)
    assert len(apart.nodes) > len(network.nodes)
    assert unfuse(apart) == apart


def test_eps_of_the_norm_is_kept() -> None:
    net = Builder("one", (3, 8, 8), norm_eps=1e-5)
    net.conv("input", 16, "a")
    norm = unfuse(net.build()).nodes[-1]
    assert (norm.op, norm.eps) == ("batch_norm", 1e-5)


def test_the_function_stays_the_same() -> None:
    torch = pytest.importorskip("torch")
    from cosearch.deep.module import to_module

    net = Builder("two", (3, 8, 8))
    x = net.conv("input", 8, "a", kernel=3, activation="relu")
    x = net.add(x, net.conv(x, 8, "b", activation="hswish"), name="sum", activation="relu6")
    network = net.build()
    whole, apart = to_module(network).eval(), to_module(unfuse(network)).eval()
    states = dict(zip(apart.state_dict(), whole.state_dict().values(), strict=True))
    apart.load_state_dict(states)
    image = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 3, 8, 8))).float()
    assert torch.allclose(whole(image), apart(image), atol=1e-6)
