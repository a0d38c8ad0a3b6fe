"""A supernet's networks are slices of it, in every family."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch

from cosearch.deep.supernet import Supernet, crop, sandwich
from cosearch.deep.supernet.cover import largest_blocks
from cosearch.deep.supernet.sharing import Sharing
from cosearch.errors import CosearchError
from cosearch.families import (
    SIZED,
    accel_nasbench_family,
    fbnet_cifar_family,
    once_for_all_family,
    sized,
)
from cosearch.families.nasnet import NasnetFamily
from cosearch.families.places import genomes_of, places_of

IMAGE = (3, 16, 16)
ALWAYS = {"mobile", "mnasnet", "once-for-all", "proxylessnas", "spos", "nas-bench-macro"}
NAMES = [
    pytest.param(name, marks=[pytest.mark.slow] * (name not in ALWAYS)) for name in sorted(SIZED)
]


def stirred(net: Supernet) -> Supernet:
    """With statistics and scales that are not those of a fresh network."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in net.state_dict().values():
            tensor += 0.1 * torch.rand(tensor.shape, generator=generator)
    return net


@pytest.fixture(scope="module")
def supernet(tiny) -> Supernet:
    return stirred(Supernet(tiny, seed=1))


def genomes(family, n: int = 12) -> np.ndarray:
    ends = [family.space.encode(values) for values in family.references.values()]
    return np.concatenate([ends, family.space.sample(np.random.default_rng(0), n)])


def images(n: int = 4, shape=(1, 8, 8)) -> torch.Tensor:
    return torch.rand(n, *shape, generator=torch.Generator().manual_seed(0))


# ---- every family


@pytest.mark.parametrize("name", NAMES)
def test_a_network_alone_computes_the_same_bit_by_bit(name):
    family = sized(name, IMAGE, 5, width=0.25)
    net = stirred(Supernet(family)).eval()
    x = images(2, IMAGE)
    with torch.no_grad():
        for genome in genomes(family, 4):
            assert torch.equal(net.subnet(genome)(x), net(x, genome))


@pytest.mark.parametrize("name", NAMES)
def test_every_network_finds_its_weights(name):
    """The largest blocks cover what any network needs."""
    family = sized(name, IMAGE, 5, width=0.25)
    net = Supernet(family)
    for genome in genomes(family, 30):
        assert net.paths.of(genome)[-1].shapes == ((5,),)


@pytest.mark.parametrize("name", ["nas-bench-macro", "mnasnet", "once-for-all", "mobile"])
def test_every_weight_is_of_some_network_at_its_full_size(name):
    family = sized(name, IMAGE, 5, width=0.25)
    net = Supernet(family)
    wanted = {key: tensor.shape for key, tensor in net.state_dict().items()}
    drawn = np.random.default_rng(0).integers(
        0, family.space.cardinalities, (600, len(family.space))
    )
    words = np.array([isinstance(k.choices[0], str) for k in family.space.knobs])
    drawn[::2] = np.where(words, drawn[::2], family.space.cardinalities - 1)
    seen: dict[str, tuple[int, ...]] = {}
    for genome in drawn:
        for block in net.paths.of(genome):
            for loan in block.loans:
                most = zip(loan.place.shape, seen.get(loan.key, loan.place.shape), strict=True)
                seen[loan.key] = tuple(map(max, most))
    assert seen == wanted


def test_in_training_both_compute_and_remember_the_same(supernet, tiny):
    supernet.train()
    for genome in genomes(tiny):
        subnet = supernet.subnet(genome)  # before the forward pass moves the statistics
        assert torch.equal(subnet(images()), supernet(images(), genome))
        again = supernet.subnet(genome)
        for name, buffer in subnet.named_buffers():
            if not name.endswith("num_batches_tracked"):
                assert torch.equal(buffer, dict(again.named_buffers())[name])


def test_gradients_are_those_of_the_network_alone(supernet, tiny, middle):
    supernet.train().zero_grad()
    subnet = supernet.subnet(middle)
    (subnet(images()) ** 2).sum().backward()
    (supernet(images(), middle) ** 2).sum().backward()
    for block in supernet.paths.of(middle):
        for loan in block.loans:
            parameter = supernet._parameters.get(loan.key)
            if parameter is None:
                continue
            place = next(i for i, node in enumerate(subnet.nodes) if node.name == loan.node)
            alone = subnet.get_parameter(f"ops.{place}.{loan.place.role}").grad
            assert torch.equal(crop(parameter.grad, loan.place.shape), alone)
            assert parameter.grad.abs().sum() == pytest.approx(alone.abs().sum().item(), rel=1e-5)


# ---- what is shared


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


def _keys(net: Supernet, genome) -> set[str]:
    return {loan.key for block in net.paths.of(genome) for loan in block.loans}


def test_numbers_share_and_words_do_not(tiny):
    net = Supernet(tiny)
    values = tiny.references["largest"]
    other = {k: (3 if k.endswith("kernel") else v) for k, v in values.items()}
    assert _keys(net, tiny.space.encode(values)) == _keys(net, tiny.space.encode(other))
    words = {k: ("ibn" if k.endswith("operator") else v) for k, v in values.items()}
    shared = _keys(net, tiny.space.encode(values)) & _keys(net, tiny.space.encode(words))
    assert {key.split("|")[0] for key in shared} == {"stem", "head", "classifier"}


def test_separate_options_share_nothing():
    family = sized("proxylessnas", IMAGE, 5, width=0.25)
    nets = [Supernet(family, separate=separate) for separate in (False, True)]
    reference = family.space.encode(next(iter(family.references.values())))
    kernels = [knob.name.endswith("kernel") for knob in family.space.knobs]
    other = family.space.canonical(np.where(kernels, 0, reference)[None])[0]
    together, apart = (_keys(net, reference) & _keys(net, other) for net in nets)
    assert len(apart) < len(together) == len(_keys(nets[0], reference))


def test_a_cell_s_edge_has_weights_by_its_own_operator():
    family = sized("nasbench201", (3, 8, 8), 5, width=0.5)
    net = Supernet(family)
    edges = {key.split("|")[0] for key, _ in net.named_parameters() if "/edge" in key}
    assert len(edges) == 15 * 6
    for edge in edges:
        words = {
            key.split("|")[1] for key, _ in net.named_parameters() if key.startswith(edge + "|")
        }
        assert words == {"nor_conv_1x1", "nor_conv_3x3"}


def test_a_step_touches_only_what_its_network_uses(tiny, middle):
    net = Supernet(tiny).train()
    optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9, weight_decay=0.1)
    used = _keys(net, middle)
    other = next(g for g in genomes(tiny, 50) if used - _keys(net, g))
    for genome in (middle, other):
        before = {key: tensor.clone() for key, tensor in net.state_dict().items()}
        optimizer.zero_grad()
        (net(images(), genome) ** 2).sum().backward()
        optimizer.step()
        changed = {k for k, v in net.state_dict().items() if not torch.equal(v, before[k])}
        assert changed <= _keys(net, genome)
        assert {k for k in _keys(net, genome) if k.endswith("weight")} <= changed


def test_crop_takes_first_channels_and_the_centre():
    weight = torch.arange(2 * 2 * 5 * 5.0).reshape(2, 2, 5, 5).requires_grad_()
    part = crop(weight, torch.Size((1, 2, 3, 3)))
    assert torch.equal(part, weight[:1, :, 1:4, 1:4])
    assert part.is_contiguous()
    part.sum().backward()
    wanted = torch.zeros(2, 2, 5, 5)
    wanted[:1, :, 1:4, 1:4] = 1
    assert torch.equal(weight.grad, wanted)


def test_without_affine_norms_do_not_scale(tiny, middle):
    net = stirred(Supernet(tiny, affine=False)).eval()
    assert not any(
        "norm/weight" in name or "norm/bias" in name for name, _ in net.named_parameters()
    )
    assert torch.equal(net.subnet(middle)(images()), net(images(), middle))


# ---- resolution


def test_images_are_scaled_to_the_resolution_chosen():
    family = once_for_all_family((3, 32, 32), 5, (16, 24, 32), width=0.25, unstrided=2)
    net = stirred(Supernet(family)).eval()
    x = images(2, (3, 32, 32))
    for size in (16, 24, 32):
        genome = family.space.encode(dict(family.references["largest"]) | {"resolution": size})
        scaled = torch.nn.functional.interpolate(x, (size, size), mode="bilinear", antialias=True)
        assert torch.equal(net.subnet(genome)(x if size == 32 else scaled), net(x, genome))


# ---- mixtures


@pytest.fixture(scope="module")
def layerwise() -> Supernet:
    return stirred(Supernet(fbnet_cifar_family(IMAGE, 5, width=0.25)))


def one_hot(net: Supernet, options) -> list[torch.Tensor]:
    places = places_of(net.sharing.chain)
    return [
        torch.nn.functional.one_hot(torch.tensor(int(o)), len(place.options)).float()
        for o, place in zip(options, places, strict=True)
    ]


def test_a_mixture_of_one_option_each_is_that_network(layerwise):
    layerwise.eval()
    rng, chain = np.random.default_rng(0), layerwise.sharing.chain
    x = images(2, IMAGE)
    for _ in range(3):
        options = [rng.integers(len(place.options)) for place in places_of(chain)]
        genome = genomes_of(chain, np.array([options]))[0]
        assert torch.equal(layerwise.mixture(x, one_hot(layerwise, options)), layerwise(x, genome))


def test_a_mixture_adds_up_what_its_options_put_out():
    """In a space whose layers are linear in their last place, against all its networks."""
    family = sized("nas-bench-macro", IMAGE, 5, width=0.25)
    net = stirred(Supernet(family)).eval()
    chain, x = net.sharing.chain, images(2, IMAGE)
    weights = one_hot(net, [0] * len(places_of(chain)))
    weights[-1] = torch.tensor([0.5, 0.2, 0.3])
    seen = []

    def spy(block, live):
        ends = Supernet.run(net, block, live)
        seen.append((block.nodes[0].name.split(".")[0:2] if block.nodes else [], ends[0]))
        return ends

    net.run = spy
    net.mixture(x, weights)
    last = [ends for name, ends in seen[-4:-1]]
    head = net.paths.block(len(chain.slots) - 1, (tuple(last[0].shape[1:]),), ())
    wanted = Supernet.run(net, head, (0.5 * last[0] + 0.2 * last[1] + 0.3 * last[2],))[0]
    torch.testing.assert_close(net.mixture(x, weights), wanted)


def test_weights_of_a_mixture_get_gradients_where_they_count(layerwise):
    layerwise.train()
    places = places_of(layerwise.sharing.chain)
    logits = [torch.zeros(len(place.options), requires_grad=True) for place in places]
    (layerwise.mixture(images(2, IMAGE), [x.softmax(0) for x in logits]) ** 2).sum().backward()
    assert all(x.grad.abs().sum() > 0 for x in logits)
    weights = [w.clone().requires_grad_() for w in one_hot(layerwise, [1] * len(places))]
    (layerwise.mixture(images(2, IMAGE), weights) ** 2).sum().backward()
    assert sum(float(w.grad[1]) != 0 for w in weights) > len(weights) / 2  # norms undo scales
    assert all(w.grad.count_nonzero() <= 1 for w in weights)


def test_options_without_weight_are_not_computed(layerwise):
    layerwise.train().zero_grad()
    options = [1] * len(places_of(layerwise.sharing.chain))
    (layerwise.mixture(images(2, IMAGE), one_hot(layerwise, options)) ** 2).sum().backward()
    used = _keys(layerwise, genomes_of(layerwise.sharing.chain, np.array([options]))[0])
    assert {k for k, p in layerwise.named_parameters() if p.grad is not None} <= used


def test_what_cannot_be_mixed_is_named(layerwise, supernet):
    with pytest.raises(CosearchError, match="not layer-wise"):
        supernet.mixture(images(), [])
    with pytest.raises(CosearchError, match="weights of"):
        layerwise.mixture(images(2, IMAGE), [torch.ones(2)])
    weights = one_hot(layerwise, [0] * len(places_of(layerwise.sharing.chain)))
    weights[3] = torch.zeros_like(weights[3])
    with pytest.raises(CosearchError, match=r"stage1\.block2.*all 0"):
        layerwise.mixture(images(2, IMAGE), weights)


# ---- the rest


def test_sandwich_holds_both_ends(tiny):
    largest, smallest, *others = sandwich(tiny, np.random.default_rng(0), 3)
    assert len(others) == 3
    values = tiny.space.values(smallest)
    assert values["stage0.depth"] == 1
    assert values["stage1.width"] == 6
    assert {v for k, v in values.items() if k.endswith("kernel")} == {3}
    values = tiny.space.values(largest)
    assert values["stage1.depth"] == 2
    assert {v for k, v in values.items() if k.endswith("expansion")} == {3}


def test_operators_of_the_ends_are_drawn(tiny):
    """Evenly, in blocks that a drawn depth would have left out as well."""
    rng = np.random.default_rng(0)
    largest = [tiny.space.values(sandwich(tiny, rng, 0)[0]) for _ in range(200)]
    for name in ("stage0.block0.operator", "stage1.block1.operator"):
        assert 80 < sum(values[name] == "fused" for values in largest) < 120


def test_a_sandwich_draws_where_it_is_told(tiny, middle):
    *_, only = sandwich(tiny, np.random.default_rng(0), 1, lambda rng, n: np.stack([middle] * n))
    assert np.array_equal(only, middle)


def test_state_travels(supernet, tiny, middle, tmp_path):
    torch.save(supernet.state_dict(), tmp_path / "weights.pt")
    other = Supernet(tiny, seed=9)
    other.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    assert torch.equal(other.eval()(images(), middle), supernet.eval()(images(), middle))


def test_it_can_be_copied_and_pickled(supernet, middle):
    supernet.eval()(images(), middle)
    for other in (copy.deepcopy(supernet), pickle.loads(pickle.dumps(supernet))):
        assert torch.equal(other(images(), middle), supernet(images(), middle))
        with torch.no_grad():
            next(other.parameters()).zero_()
        assert next(supernet.parameters()).abs().sum() > 0


def test_seed_decides(tiny):
    states = [Supernet(tiny, seed=seed).state_dict() for seed in (1, 1, 2)]
    same = [all(torch.equal(states[0][k], s[k]) for k in s) for s in states[1:]]
    assert same == [True, False]


def test_a_narrower_space_inherits(tiny):
    wide = sized("hurricane", IMAGE, 5, width=0.1).narrowed(
        {i: ["mb3_k3", "sep_k3"] for i in range(20)}
    )
    narrow = wide.narrowed({19: ["sep_k3"]})
    first, second = stirred(Supernet(wide, seed=1)).eval(), Supernet(narrow, seed=2).eval()
    second.inherit(first.state_dict())
    genome = wide.space.encode({knob.name: "sep_k3" for knob in wide.space.knobs})
    same = narrow.space.encode({knob.name: "sep_k3" for knob in wide.space.knobs})
    x = images(2, IMAGE)
    assert torch.equal(first(x, genome), second(x, same))


def test_what_has_no_supernet_is_named():
    for family in (NasnetFamily(), accel_nasbench_family(eager=True)):
        with pytest.raises(CosearchError, match=f"space '{family.name}'.*no supernet"):
            Supernet(family)


def test_a_stage_left_out_may_pass_on_more_than_it_would_make():
    """MnasNet's stem is wider than its first stage, which may be empty."""
    chain = sized("mnasnet", (3, 8, 8), 5).chain
    blocks = largest_blocks(Sharing(replace(chain, slots=chain.slots[:4])))
    widths = {net.input_shape[0] for slot, _, (net, _) in blocks if slot.name == "stage1.block0"}
    assert widths == {32}
