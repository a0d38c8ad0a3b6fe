"""Weights of other implementations, and through them the reference networks held to timm's."""

from __future__ import annotations

import pytest
import torch
from tests.deep.timm_oracle import REFERENCES, reference
from torch import nn

from cosearch.deep.module import to_module
from cosearch.deep.weights import in_use_order, load_weights, match_weights
from cosearch.errors import CosearchError
from cosearch.networks import Builder, Network
from cosearch.networks.builder import NORM_EPS
from cosearch.zoo import ZOO

QUICK = (
    "mobilenet-v1-1.0",
    "mobilenet-v2-1.0",
    "mobilenet-v3-large",
    "mnasnet-a1",
    "mnasnet-b1",
    "mnasnet-small",
    "efficientnet-b0",
    "efficientnet-lite0",
    "resnet-18",
    "vit-ti",
)
SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in REFERENCES if name not in QUICK]


def epsilon(network: Network) -> float:
    """Of its batch norms."""
    norms = (n for n in network.nodes if n.attributes.get("norm") or n.op == "batch_norm")
    return next((node.attributes.get("eps", NORM_EPS) for node in norms), NORM_EPS)


@pytest.mark.parametrize("name", [*QUICK, *SLOW])
def test_published_networks_say_what_other_implementations_say(name):
    network = ZOO[name].build()
    (classes,) = network.nodes[-1].shape
    images = torch.rand(1, *network.input_shape, generator=torch.Generator().manual_seed(1))
    other = reference(name, classes, images, epsilon(network))
    module = to_module(network).eval()
    load_weights(module, other.state_dict(), match_weights(module, other, images))
    with torch.inference_mode():
        ours, theirs = module(images), other(images)
    assert theirs.std() > 0.05
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


# ---- the map


def network() -> Network:
    net = Builder("n", (2, 4, 4))
    x = net.conv("input", 3, "conv", kernel=3, activation="relu")
    net.linear(net.global_pool(x, "pool"), 4, "classes")
    return net.build()


class Other(nn.Module):
    """The same network by other names, its classifier as a 1x1 convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.classes = nn.Conv2d(3, 4, 1)
        self.norm = nn.BatchNorm2d(3, eps=1e-3)
        self.first = nn.Conv2d(2, 3, 3, padding=1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.first(x)).relu().mean((2, 3), keepdim=True)
        return self.classes(x).flatten(1)


@pytest.fixture
def other() -> nn.Module:
    made = Other()
    made.train()(torch.rand(4, 2, 4, 4))
    return made.eval()


def test_weights_load_through_a_map_of_names(other):
    images = torch.rand(3, 2, 4, 4)
    module = to_module(network()).eval()
    names = match_weights(module, other, images)
    assert names["ops.0.conv.weight"] == "first.weight"
    assert names["ops.2.linear.bias"] == "classes.bias"
    load_weights(module, other.state_dict(), names)
    torch.testing.assert_close(module(images), other(images))


def test_order_of_use_is_not_that_of_construction(other):
    used = [name.split(".")[0] for name in in_use_order(other, torch.rand(1, 2, 4, 4))]
    assert list(dict.fromkeys(used)) == ["first", "norm", "classes"]
    assert not any(part._forward_pre_hooks for part in other.modules())


def test_misfits_are_named_before_anything_changes(other):
    module = to_module(network())
    names = match_weights(module, other, torch.rand(1, 2, 4, 4))
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    state = other.state_dict()
    partial = {ours: theirs for ours, theirs in names.items() if "linear" not in ours}
    with pytest.raises(CosearchError, match=r"no weights for 2 tensors: ops\.2\.linear\.weight"):
        load_weights(module, state, partial)
    with pytest.raises(CosearchError, match=r"'ops\.2\.linear\.bias' has shape \(4,\), 'norm"):
        load_weights(module, state, names | {"ops.2.linear.bias": "norm.bias"})
    assert all(torch.equal(before[name], t) for name, t in module.state_dict().items())


def test_matching_refuses_leftovers_on_either_side(other):
    images = torch.rand(1, 2, 4, 4)
    module = to_module(network())
    smaller = nn.Sequential(other.first, other.norm)
    with pytest.raises(CosearchError, match=r"nothing fits 'ops\.2\.linear\.weight', shape"):
        match_weights(module, smaller, images)
    larger = nn.Sequential(other, nn.Linear(4, 5))
    with pytest.raises(CosearchError, match=r"2 tensors fit nothing: 1\.weight, 1\.bias"):
        match_weights(module, larger, images)
