"""NetAdapt: channels found together, cuts that are exact, limits that are kept."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from tests.deep.small_networks import grouped, joined, residual, shuffled

from cosearch.cost.models import find_device
from cosearch.deep import onnx_weights
from cosearch.deep.module import GraphModule, to_module
from cosearch.deep.netadapt import Adapted, AdaptSettings, adapt_once, channels_of, prune
from cosearch.deep.netadapt.adapt import best
from cosearch.deep.netadapt.importance import importance, least
from cosearch.deep.netadapt.proposals import EVERYTHING, Cut, cuts, smallest, widths
from cosearch.deep.netadapt.prune import pruned_module
from cosearch.deep.onnx_weights import read_module
from cosearch.errors import CosearchError, LimitError
from cosearch.networks import Network, unfuse
from cosearch.networks.onnx_out import write_onnx
from cosearch.testing import check_network
from cosearch.zoo import find_network

NETWORKS = {network.name: network for network in (residual(), grouped(), shuffled(), joined())}


def some_of(network, seed=0):
    """Channels, and a random choice of what may go."""
    rng, channels = np.random.default_rng(seed), channels_of(network)
    drawn = [
        rng.choice(group.classes, int(rng.integers(1, len(group))), replace=False)
        for group in channels.groups
    ]
    return channels, np.concatenate(drawn)


@torch.no_grad()
def with_zeros(network, channels, gone):
    """A module with norms of its own, in which the classes `gone` are 0 everywhere."""
    module, generator = to_module(network).eval(), torch.Generator().manual_seed(0)
    for name, tensor in itertools.chain(module.named_parameters(), module.named_buffers()):
        if tensor.ndim == 1:
            drawn = torch.rand(tensor.shape, generator=generator)
            tensor.copy_(drawn + 0.5 if name.endswith("var") else drawn - 0.3)
    for node, op in zip(module.nodes, module.ops, strict=True):
        if node.op not in ("conv", "conv_transpose", "linear", "dense", "batch_norm"):
            continue
        axis = -1 if node.op == "dense" else 0
        places = np.flatnonzero(~channels.stays(node.name, axis, gone))
        for name, tensor in [*op.named_parameters(), *op.named_buffers()]:
            if name.endswith(("var", "tracked")):
                continue
            if node.op == "conv_transpose" and tensor.ndim > 1:
                tensor[:, places] = 0
            else:
                tensor[places] = 0
    return module


def same_answers(network, seed=0):
    channels, gone = some_of(network, seed)
    whole = with_zeros(network, channels, gone)
    narrow = pruned_module(whole, channels, gone)
    images = torch.rand(2, *network.input_shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected, found = whole(images), narrow.eval()(images)
    scale = float(expected.abs().max())
    assert scale > 1e-6
    assert float((expected - found).abs().max()) < 1e-5 * scale
    assert sum(p.numel() for p in narrow.parameters()) == prune(channels, gone).params


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_channels_that_are_zero_may_go(name, seed):
    same_answers(NETWORKS[name], seed)


@pytest.mark.parametrize("name", ["mobilenet-v3-small@32", "fbnet-a@32", "unet-mobilenet-v2@32"])
def test_channels_that_are_zero_may_go_from_the_zoo(name):
    same_answers(find_network(name))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "densenet-121@32",
        "spos",
        "nasnet-a-cifar",
        "vit-ti",
        "efficientnet-x-b0@64",
        "squeezenet-1.0",
    ],
)
def test_channels_that_are_zero_may_go_from_all_kinds(name):
    same_answers(find_network(name))


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_left_is_a_network_like_any_other(name):
    channels, gone = some_of(NETWORKS[name])
    check_network(prune(channels, gone))


def test_a_shortcut_ties_channels_together():
    groups = {group.name: group for group in channels_of(residual()).groups}
    assert {name: len(group) for name, group in groups.items()} == {
        "stem": 8,
        "one.expand": 24,
        "one.project": 16,
        "two.expand": 48,
        "two.se.reduce": 8,
    }
    assert groups["one.project"].makers == ("one.project", "two.project")
    assert groups["two.expand"].makers == ("two.expand", "two.depthwise", "two.se.expand")


def test_groups_of_filters_keep_as_many_each():
    groups = {group.name: len(group) for group in channels_of(grouped()).groups}
    # the shortcut ties the projection to the stem; both groupings and the shuffle tie four by four
    assert groups == {"stem": 4, "block.expand": 4}


def test_input_output_and_attention_are_left_alone():
    found = channels_of(find_network("vit-ti"))
    assert all("mlp" in group.name for group in found.groups)
    assert len(found.groups) == 12
    touched = {maker for group in channels_of(residual()).groups for maker in group.makers}
    assert "classifier" not in touched


def test_smallest_filters_go():
    network = residual()
    channels, module = channels_of(network), to_module(network)
    group = next(group for group in channels.groups if group.name == "one.project")
    with torch.no_grad():
        for part, size in ((module.ops[3], 1.0), (module.ops[-4], 0.5)):
            part.conv.weight.fill_(size)
        module.ops[3].conv.weight[5] = 0.1
        module.ops[-4].conv.weight[11] = 0.2
    scores = importance(module, channels, group, norm=1)
    by_hand = np.full(16, 24 * 1.0 + 48 * 0.5)
    by_hand[5], by_hand[11] = 24 * 0.1 + 48 * 0.5, 24 * 1.0 + 48 * 0.2
    ids = channels.classes["one.project"].ravel()
    assert np.allclose(scores[np.searchsorted(group.classes, ids)], by_hand)
    assert set(least(scores, group, 14)) == {ids[5], ids[11]}
    assert set(least(scores, group, 15)) == {ids[11]} if by_hand[11] < by_hand[5] else {ids[5]}


def test_the_norm_may_be_l2():
    network = residual()
    channels, module = channels_of(network), to_module(network)
    group = channels.groups[0]
    weight = module.ops[0].conv.weight.detach().flatten(1)
    assert np.allclose(importance(module, channels, group, norm=2), weight.norm(dim=1))


def test_widths_are_multiples_and_never_nothing():
    assert widths(24, 8) == [16, 8]
    assert widths(20, 8) == [16, 8]
    assert widths(8, 8) == []
    assert widths(3, 1) == [2, 1]


def macs(networks):
    return [float(network.macs) for network in networks]


def test_every_group_proposes_the_widest_that_saves_enough():
    network = residual()
    channels, module = channels_of(network), to_module(network)
    at_most = 0.9 * network.macs
    found = {cut.group: cut for cut in cuts(module, channels, macs, at_most, multiple=1, norm=2)}
    for group in channels.groups:
        enough = [
            kept
            for kept in widths(len(group), 1)
            if prune(channels, group.classes[kept:]).macs <= at_most
        ]
        cut = found[group.name]
        assert cut.after == (enough[0] if enough else 1)
        assert cut.cost == prune(channels, cut.gone).macs


def test_stairs_that_no_group_climbs_alone_are_climbed_together():
    network = residual()
    channels, module = channels_of(network), to_module(network)
    tops = [len(group) for group in channels.groups]

    def stairs(candidate: Network) -> float:
        """A second less once every group is narrower."""
        now = [len(group) for group in channels_of(candidate).groups]
        return 9.0 + (len(now) < len(tops) or any(a == b for a, b in zip(now, tops, strict=True)))

    (cut,) = cuts(module, channels, lambda all_: [*map(stairs, all_)], 9.5, multiple=1, norm=2)
    assert cut.group == EVERYTHING
    assert cut.cost == 9.0


def test_all_groups_are_asked_about_together():
    """What must be measured is so in few goes: as many as the widest group takes to bisect."""
    network, goes = residual(), []

    def told(networks):
        goes.append(len(networks))
        return macs(networks)

    cuts(to_module(network), channels_of(network), told, 0.9 * network.macs, multiple=1, norm=2)
    assert len(goes) <= 2 + int(np.ceil(np.log2(47)))


def worth(accuracy, cost, group="x"):
    return Adapted(
        residual(), to_module(residual()), accuracy, cost, Cut(group, 8, 4, np.zeros(0, int), cost)
    )


def test_the_ratio_weighs_accuracy_by_what_is_saved():
    now, little, much = worth(0.9, 10), worth(0.89, 9.5), worth(0.87, 6)
    assert best(now, [little, much], "ratio") is much  # 0.0075 a second against 0.02
    assert best(now, [little, much], "accuracy") is little


@pytest.fixture(scope="module")
def device():
    return find_device("small-edge")


COSTS = {"macs": lambda _: macs, "simulated": lambda device: simulated(device)}


def simulated(device):
    return lambda networks: [float(device(n.layers).latency_s.sum()) for n in networks]


@pytest.mark.parametrize("kind", ["macs", pytest.param("simulated", marks=pytest.mark.slow)])
def test_a_hundred_random_limits_are_kept_or_called_out_of_reach(device, kind):
    """No training: what is judged is drawn."""
    rng, network, module = np.random.default_rng(0), residual(), to_module(residual())
    costs_of = COSTS[kind](device)
    own, lowest = costs_of([network, smallest(network, channels_of(network), multiple=4)])
    for limit in rng.uniform(0.9 * lowest, 1.02 * own, 100):
        now = Adapted(network, module, 0.9, own)
        try:
            for _ in range(200):
                if now.cost <= limit:
                    break
                now, _ = adapt_once(
                    now,
                    costs_of,
                    max(limit, now.cost - 0.8 * own),
                    AdaptSettings(multiple=4),
                    tune=lambda *_: None,
                    judge=lambda _: float(rng.random()),
                )
        except LimitError:
            assert limit < lowest
            continue
        assert costs_of([now.network]) == [now.cost]
        assert now.cost <= limit
        assert sum(p.numel() for p in now.module.parameters()) == now.network.params


def test_weights_go_along():
    network = residual()
    channels, module = channels_of(network), to_module(network)
    gone = channels.groups[1].classes[[0, 3]]
    narrow = pruned_module(module, channels, gone)
    ids = channels.classes["one.expand"].ravel()
    stays = ~np.isin(ids, gone)
    assert torch.equal(narrow.ops[1].conv.weight, module.ops[1].conv.weight[stays])
    assert torch.equal(narrow.ops[3].conv.weight, module.ops[3].conv.weight[:, stays])
    assert narrow.training == module.training


@pytest.mark.parametrize(
    "wrong", [{"step": 0}, {"step": 1.5}, {"multiple": 0}, {"norm": 3}, {"rule": "best"}]
)
def test_settings_out_of_range(wrong):
    with pytest.raises(CosearchError, match=next(iter(wrong))):
        AdaptSettings(**wrong)


# ---- weights out of a file


@pytest.mark.parametrize("norms", ["folded", "apart"])
def test_a_file_is_read_with_its_weights(tmp_path, norms):
    network = residual() if norms == "folded" else unfuse(residual())
    write_onnx(network, tmp_path / "network.onnx", seed=3, batch=None)
    read, module = read_module(tmp_path / "network.onnx")
    assert isinstance(module, GraphModule)
    assert read.macs == network.macs
    assert len(channels_of(read).groups) == len(channels_of(residual()).groups)


def test_weights_that_give_other_answers_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "network.onnx"
    write_onnx(residual(), path, batch=None)
    arrays = onnx_weights._arrays

    def mistaken(node, stored):
        return {name: 1.1 * array for name, array in arrays(node, stored).items()}

    monkeypatch.setattr(onnx_weights, "_arrays", mistaken)
    with pytest.raises(CosearchError, match="other answers"):
        read_module(path)


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "network.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(CosearchError, match=r"network\.onnx"):
        read_module(path)
