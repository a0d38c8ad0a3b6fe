"""Zero-cost proxies: each against its definition worked out by hand, and on our own operators."""

from __future__ import annotations

import math
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
import torch

from cosearch.deep import catalogue
from cosearch.deep.module import to_module
from cosearch.deep.proxies import PROXIES, ProxyAccuracy, find_proxy, score
from cosearch.deep.proxies.synflow import synflow
from cosearch.deep.proxies.zen import zen
from cosearch.errors import CosearchError
from cosearch.families import nasbench201_family
from cosearch.networks import Builder, Network
from cosearch.networks.blocks.channels import Squeeze
from cosearch.networks.blocks.mobile import inverted_bottleneck

NONE = torch.zeros(0)


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


def tower(*, norm=False, activation="relu") -> Network:
    """Image (2, 3, 3), a 1x1 convolution to 4, mean, 3 classes; no biases."""
    net = Builder("tower", (2, 3, 3))
    x = net.conv("input", 4, "conv", activation=activation, norm=norm, bias=False)
    net.linear(net.global_pool(x, "pool"), 3, "classifier", bias=False)
    return net.build()


def classifier(inputs=3, classes=2) -> Network:
    net = Builder("classifier", (inputs, 1, 1))
    net.linear("input", classes, "classifier", bias=False)
    return net.build()


def mobile(activation: str) -> Network:
    """A residual inverted bottleneck with squeeze-and-excite, after a stem."""
    net = Builder("mobile", (1, 8, 8))
    x = net.conv("input", 4, "stem", kernel=3, activation=activation)
    squeeze = Squeeze(2, "relu", "hsigmoid")
    x = inverted_bottleneck(
        net,
        x,
        4,
        "block",
        kernel=3,
        stride=1,
        activation=activation,
        expansion=2,
        squeeze=squeeze,
    )
    net.linear(net.global_pool(x, "pool"), 10, "classifier")
    return net.build()


def softmax_gradient(weight, x, labels):
    logits = x @ weight.T
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return (p - np.eye(len(weight))[labels]).T @ x / len(x)


@pytest.fixture
def linear():
    """A classifier alone, five images, and the same as arrays of doubles."""
    module = to_module(classifier())
    with torch.no_grad():
        module.ops[0].linear.weight.normal_(generator=drawn())
    images = torch.rand(5, 3, 1, 1, generator=drawn(1))
    labels = torch.tensor([0, 1, 1, 0, 1])
    weight = module.ops[0].linear.weight.detach().double().numpy()
    return module, images, labels, weight, images.double().numpy().reshape(5, 3)


def test_synflow_of_a_tower_is_layers_times_flow():
    """Without branches and biases every layer sums up to R itself (Euler's theorem)."""
    module = to_module(tower())
    first = module.ops[0].conv.weight.detach().abs().double()[:, :, 0, 0]
    last = module.ops[-1].linear.weight.detach().abs().double()
    flow = float((last @ (first @ torch.ones(2, dtype=torch.float64))).sum())
    images = torch.zeros(1, 2, 3, 3)
    assert synflow(module, images, NONE, drawn()) == pytest.approx(math.log(2 * flow))


@pytest.mark.parametrize("activation", ["relu6", "hswish", "swish", "gelu"])
def test_synflow_sees_neither_norms_nor_where_activations_end(activation):
    plain, other = to_module(tower()), to_module(tower(norm=True, activation=activation))
    with torch.no_grad():
        for module in (plain, other):
            module.ops[0].conv.weight.fill_(50.0)  # far beyond the 6 of ReLU6
            module.ops[-1].linear.weight.fill_(0.5)
        other.ops[0].norm.weight.fill_(7.0)
    images = torch.zeros(1, 2, 3, 3)
    one, two = (synflow(module, images, NONE, drawn()) for module in (plain, other))
    assert one == two == pytest.approx(math.log(2 * (3 * 4 * 0.5 * 2 * 50)))


def test_synflow_does_not_overflow_where_single_precision_would():
    net = Builder("deep", (16, 4, 4))
    x = "input"
    for i in range(40):
        x = net.conv(x, 16, f"conv{i}", kernel=3, activation="relu")
    net.linear(net.global_pool(x, "pool"), 2, "classifier")
    module = to_module(net.build())
    with torch.no_grad():
        for part in module.ops[:-2]:
            part.conv.weight.fill_(10.0)
    found = synflow(module, torch.zeros(1, 16, 4, 4), NONE, drawn())
    assert math.log(3e38) < found < math.inf


def test_gradients_of_a_linear_classifier(linear):
    module, images, labels, weight, x = linear
    gradient = softmax_gradient(weight, x, labels.numpy())
    grad_norm, snip = (PROXIES[n](module, images, labels, drawn()) for n in ("grad_norm", "snip"))
    assert grad_norm == pytest.approx(np.linalg.norm(gradient), rel=1e-4)
    assert snip == pytest.approx(np.abs(weight * gradient).sum(), rel=1e-4)


def test_fisher_of_a_linear_classifier(linear):
    module, images, labels, weight, x = linear
    logits = x @ weight.T
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    taylor = logits * (p - np.eye(2)[labels.numpy()]) / 5
    by_hand = (taylor**2).mean(0).sum() / 2
    assert PROXIES["fisher"](module, images, labels, drawn()) == pytest.approx(by_hand, rel=1e-4)


def test_fisher_sums_over_positions_before_it_squares():
    module = to_module(tower())
    images, labels = torch.rand(4, 2, 3, 3, generator=drawn()), torch.tensor([0, 1, 2, 0])
    output = module.ops[0].conv(images).detach().requires_grad_()
    rest = module.ops[2](module.ops[1](torch.relu(output)))
    rest.retain_grad()
    torch.nn.functional.cross_entropy(rest, labels).backward()
    sums = (output * output.grad).sum((2, 3)).square().mean(0).sum() / 2
    sums = sums + (rest * rest.grad).square().mean(0).sum() / 2
    found = PROXIES["fisher"](module, images, labels, drawn())
    assert found == pytest.approx(sums.item(), rel=1e-4)


def test_grasp_of_a_linear_classifier(linear):
    module, images, labels, weight, x = linear
    gradient = softmax_gradient(weight, x, labels.numpy())
    ahead, behind = (
        softmax_gradient(weight + side * 1e-4 * gradient, x, labels.numpy()) for side in (1, -1)
    )
    by_hand = -(weight * (ahead - behind) / 2e-4).sum()
    assert PROXIES["grasp"](module, images, labels, drawn()) == pytest.approx(by_hand, rel=1e-3)


@pytest.mark.parametrize("activation", ["relu", "relu6", "hswish"])
def test_naswot_counts_units_that_agree(activation):
    """Codes 1101 and 1000: K = [[4, 2], [2, 4]]."""
    net = Builder("codes", (4, 1, 1))
    net.linear(net.activation("input", activation, "switch"), 2, "classifier")
    images = torch.tensor([[9.0, 1, -1, 2], [1, -7, -1, -2]]).reshape(2, 4, 1, 1)
    found = PROXIES["naswot"](to_module(net.build()), images, NONE, drawn())
    assert found == pytest.approx(math.log(4 * 4 - 2 * 2))


def test_naswot_of_images_that_look_alike():
    images = torch.rand(1, 2, 3, 3, generator=drawn()).repeat(2, 1, 1, 1)
    assert PROXIES["naswot"](to_module(tower()), images, NONE, drawn()) == -math.inf


def test_jacob_cov_of_a_linear_network():
    """All Jacobians are the same: correlations of 1, eigenvalues n and 0s."""
    images, n, k = torch.rand(6, 3, 1, 1, generator=drawn()), 6, 1e-5
    one, rest = math.log(n + k) + 1 / (n + k), (n - 1) * (math.log(k) + 1 / k)
    found = PROXIES["jacob_cov"](to_module(classifier()), images, NONE, drawn())
    assert found == pytest.approx(-(one + rest), rel=1e-6)


def test_jacob_cov_is_better_where_images_are_told_apart():
    images = torch.rand(6, 2, 3, 3, generator=drawn()) - 0.5
    bent = PROXIES["jacob_cov"](to_module(tower()), images, NONE, drawn())
    straight = PROXIES["jacob_cov"](to_module(tower(activation="none")), images, NONE, drawn())
    assert bent > straight


def test_zen_of_one_convolution():
    net = Builder("one", (1, 2, 2))
    x = net.conv("input", 1, "conv", norm=False, bias=False)
    net.linear(net.global_pool(x, "pool"), 2, "classifier", bias=False)
    generator = drawn(3)
    weight = torch.randn(1, generator=generator)
    torch.randn(2, 1, generator=generator)  # the classifier's, which is not looked at
    torch.randn(16, 1, 2, 2, generator=generator)
    noise = torch.randn(16, 1, 2, 2, generator=generator)
    by_hand = math.log(0.01 * float(weight.abs() * noise.abs().flatten(1).sum(1).mean()))
    found = zen(to_module(net.build()), torch.zeros(1, 1, 2, 2), NONE, drawn(3), draws=1)
    assert found == pytest.approx(by_hand, rel=1e-3)


def test_zen_undoes_norms():
    """What a norm divides by, the score takes back; ReLU sees the same signs but for the mean."""
    images = torch.zeros(1, 2, 3, 3)
    with_norm, without = (
        zen(to_module(tower(norm=norm, activation="none")), images, NONE, drawn(), draws=8)
        for norm in (True, False)
    )
    assert with_norm == pytest.approx(without, abs=0.2)


def test_counts_are_the_network_s():
    network = mobile("relu6")
    images = torch.zeros(1, *network.input_shape)
    assert score("params", network, images, NONE) == network.params
    assert score("macs", network, images, NONE) == network.macs


@pytest.mark.parametrize("name", PROXIES)
@pytest.mark.parametrize("activation", ["relu6", "hswish"])
def test_our_operators_have_finite_scores_and_stay_as_they_were(name, activation, some):
    module = to_module(mobile(activation)).eval()
    before = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    part = some.take(torch.arange(8))
    proxy = find_proxy(name)
    found = [proxy(module, part.pixels, part.labels, drawn()) for _ in range(2)]
    assert math.isfinite(found[0])
    assert found[0] == found[1]
    assert not module.training
    assert all(torch.equal(before[key], tensor) for key, tensor in module.state_dict().items())
    assert all(parameter.grad is None for parameter in module.parameters())


def test_a_network_that_nothing_passes_is_worst(some):
    family = nasbench201_family(size=8)
    pixels = some.pixels[:8].expand(-1, 3, -1, -1)
    for name in ("synflow", "jacob_cov", "naswot"):
        nothing = score(name, family.network(np.zeros(6, dtype=int)), pixels, some.labels[:8])
        resnet = family.network(family.space.encode(family.references["resnet"]))
        assert nothing == -math.inf
        assert score(name, resnet, pixels, some.labels[:8]) > nothing


def test_accuracy_says_the_same_in_another_process_and_order(tiny, digits):
    accuracy = ProxyAccuracy.of(tiny, "snip", digits, batch=16)
    genomes = tiny.space.sample(np.random.default_rng(0), 4)
    here = accuracy(genomes)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        there = pool.submit(pickle.loads(pickle.dumps(accuracy)), genomes[::-1]).result()
    assert np.array_equal(here, there[::-1])
    assert len(np.unique(here)) == 4
    assert accuracy.price


def test_accuracy_depends_on_its_seed_alone(tiny, digits):
    genomes = tiny.space.sample(np.random.default_rng(0), 2)
    one, same, other = (
        ProxyAccuracy.of(tiny, "grad_norm", digits, batch=16, seed=seed) for seed in (0, 0, 1)
    )
    assert np.array_equal(one(genomes), same(genomes))
    assert not np.array_equal(one(genomes), other(genomes))


def test_scores_are_kept_and_hang_on_what_is_in_their_names(tiny, digits, tmp_path, monkeypatch):
    genomes = tiny.space.sample(np.random.default_rng(0), 3)
    made = [
        ProxyAccuracy.of(tiny, name, digits, batch=16, seed=seed, folder=tmp_path / "scores")
        for name, seed in (("snip", 0), ("snip", 1), ("grad_norm", 0))
    ]
    found = [accuracy(genomes) for accuracy in made]
    free = ProxyAccuracy.of(tiny, "snip", digits, batch=16)
    assert np.array_equal(found[0], free(genomes))
    assert len(list((tmp_path / "scores").iterdir())) == 9

    def never(*arguments, **settings):
        raise AssertionError

    monkeypatch.setattr("cosearch.deep.proxies.accuracy.score", never)
    assert all(np.array_equal(a(genomes[::-1]), f[::-1]) for a, f in zip(made, found, strict=True))


def test_what_nothing_passes_is_kept_too(tmp_path, digits):
    family = nasbench201_family(size=8)
    images = digits.train.take(torch.arange(8)).images.expand(-1, 3, -1, -1).numpy()
    accuracy = ProxyAccuracy(family, "synflow", images, np.arange(8), folder=tmp_path)
    nothing = np.zeros((1, 6), dtype=int)
    assert [accuracy(nothing)[0] for _ in range(2)] == [-np.inf] * 2


def test_the_catalogue_names_them_all():
    assert set(catalogue.PROXIES) == set(PROXIES)


def test_a_proxy_that_does_not_exist(tiny, digits):
    with pytest.raises(CosearchError, match=r"zero-cost proxy 'synflo'"):
        ProxyAccuracy.of(tiny, "synflo", digits)
