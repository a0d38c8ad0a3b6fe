"""A supernet's sub-networks are slices of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cosearch.deep.supernet import Supernet, covering, crop, sandwich
from cosearch.families.mobile import MobileFamily


@pytest.fixture(scope="module")
def supernet(tiny) -> Supernet:
    """One whose statistics are not those of a fresh network."""
    net = Supernet(tiny, seed=1)
    with torch.no_grad():
        for name, buffer in net.named_buffers():
            buffer += torch.linspace(0, 0.5 if "mean" in name else 2, len(buffer))
        for parameter in net.parameters():
            parameter += 0.1 * torch.rand(
                parameter.shape, generator=torch.Generator().manual_seed(0)
            )
    return net


def genomes(family: MobileFamily, n: int = 12) -> np.ndarray:
    ends = [family.space.encode(values) for values in family.references.values()]
    return np.concatenate([ends, family.space.sample(np.random.default_rng(0), n)])


@pytest.mark.parametrize("training", [False, True])
def test_subnet_equals_supernet(supernet, tiny, training):
    images = torch.rand(16, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    supernet.train(training)
    for genome in genomes(tiny):
        subnet = supernet.subnet(genome)  # before the forward pass moves the statistics
        torch.testing.assert_close(subnet(images), supernet(images, genome), rtol=1e-5, atol=1e-5)
        if training:
            statistics = dict(subnet.named_buffers())
            for name, tensor in supernet.weights(genome).items():
                if name in statistics:
                    torch.testing.assert_close(statistics[name], tensor)


def test_subnet_is_the_network_of_its_genome(supernet, tiny):
    for genome in genomes(tiny):
        network = tiny.network(genome)
        assert sum(p.numel() for p in supernet.subnet(genome).parameters()) == network.params


def test_subnet_owns_its_weights(supernet, middle):
    subnet = supernet.subnet(middle)
    before = {key: value.clone() for key, value in supernet.state_dict().items()}
    with torch.no_grad():
        for parameter in subnet.parameters():
            assert parameter.requires_grad
            parameter.zero_()
    after = supernet.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_operators_have_weights_of_their_own(supernet, tiny):
    first, second = (supernet.weights(genome) for genome in covering(tiny))
    pointers = [{t.data_ptr() for t in weights.values()} for weights in (first, second)]
    shared = pointers[0] & pointers[1]
    assert len(shared) == 5 + 5 + 2  # stem and head with their norms, classifier
    assert first["ops.0.conv.weight"].data_ptr() in shared


def test_one_step_reaches_every_weight_between_the_covering_networks(tiny):
    net = Supernet(tiny).train()
    images = torch.rand(8, 1, 8, 8)
    for genome in covering(tiny):
        (net(images, genome) ** 2).sum().backward()
    assert all(parameter.grad is not None for parameter in net.parameters())


def test_crop_takes_first_channels_and_the_centre():
    weight = torch.arange(2 * 2 * 5 * 5).reshape(2, 2, 5, 5)
    assert torch.equal(crop(weight, torch.Size((1, 2, 3, 3))), weight[:1, :, 1:4, 1:4])


def test_sandwich_holds_both_ends(tiny):
    largest, smallest, *others = sandwich(tiny, np.random.default_rng(0), 3)
    assert len(others) == 3
    params = [tiny.network(genome).params for genome in covering(tiny)]
    assert min(params) <= tiny.network(largest).params <= max(params)
    values = tiny.space.values(smallest)
    assert values["stage0.depth"] == 1
    assert values["stage1.width"] == 6
    assert {v for k, v in values.items() if k.endswith("kernel")} == {3}


def test_state_travels(supernet, tiny, middle, tmp_path):
    torch.save(supernet.state_dict(), tmp_path / "weights.pt")
    other = Supernet(tiny, seed=9)
    other.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    images = torch.rand(4, 1, 8, 8)
    assert torch.equal(other.eval()(images, middle), supernet.eval()(images, middle))
