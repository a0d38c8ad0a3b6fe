"""Networks in pieces: nothing lost, nothing twice, each measured once."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.calibrate.test_lut import SETTINGS, Device
from tests.deep.small_networks import grouped, joined, residual, shuffled

from cosearch.calibrate.journal import Journal
from cosearch.calibrate.measured_latency import MeasuredLatency
from cosearch.calibrate.pieces import _gates, pieces, places
from cosearch.calibrate.piecewise import Piecewise
from cosearch.deep.module import GraphModule, to_module
from cosearch.deep.netadapt import channels_of, prune
from cosearch.networks import Network, fuse
from cosearch.zoo import find_network

NETWORKS = {network.name: network for network in (residual(), grouped(), shuffled(), joined())}
ZOO = ("mobilenet-v2-0.35@32", "mobilenet-v3-small@64", "unet-mobilenet-v2@32", "squeezenet-1.0")


def named(name: str) -> Network:
    return NETWORKS.get(name) or find_network(name)


@pytest.mark.parametrize("name", [*NETWORKS, *ZOO])
def test_pieces_make_up_the_whole(name: str) -> None:
    network = named(name)
    parts = pieces(network, places(network))
    assert sum(part.macs for part in parts) == network.macs
    assert sum(part.params for part in parts) == network.params
    assert all(part.macs for part in parts)
    for before, after in itertools.pairwise(parts):
        assert before.nodes[-1].shape == after.input_shape


@torch.no_grad()
@pytest.mark.parametrize("name", NETWORKS)
def test_pieces_one_after_another_answer_as_the_whole(name: str) -> None:
    network = fuse(named(name))
    whole = to_module(network).eval()
    states = {n.name: op.state_dict() for n, op in zip(whole.nodes, whole.ops, strict=True)}
    images = torch.rand(2, *network.input_shape)
    values = images
    for part in pieces(network, places(network)):
        module = GraphModule(part).eval()
        for node, op in zip(module.nodes, module.ops, strict=True):
            op.load_state_dict(states[node.name])
        values = module(values)
    assert torch.equal(values, whole(images))


@pytest.mark.parametrize("name", [*NETWORKS, "mobilenet-v2-0.35@32", "unet-mobilenet-v2@32"])
def test_everything_passes_through_a_gate(name: str) -> None:
    """Without it, no path is left from the input to the output; without another, there is one."""
    nodes = fuse(named(name)).nodes
    through = []
    for i in range(1, len(nodes) - 1):
        reached = {nodes[0].name}
        for node in nodes[1:]:
            if node.name != nodes[i].name and any(n in reached for n in node.inputs):
                reached.add(node.name)
        if nodes[-1].name not in reached:
            through.append(i)
    assert _gates(nodes) == [0, *through, len(nodes) - 1]


def test_a_mobile_network_is_cut_at_its_bottlenecks() -> None:
    assert places(residual()) == ("one.project",)
    at = places(find_network("mobilenet-v2-0.35@32"))
    assert len(at) == 17
    assert all(name.endswith((".project", ".add")) for name in at)


@pytest.mark.parametrize("name", [*NETWORKS, "mobilenet-v3-small@64"])
def test_other_widths_have_the_same_pieces(name: str) -> None:
    network = named(name)
    channels, at = channels_of(network), places(network)
    for group in channels.groups:
        narrow = prune(channels, group.classes[: len(group) // 2])
        parts = pieces(narrow, at)
        assert [p.nodes[-1].name for p in parts] == [p.nodes[-1].name for p in pieces(network, at)]
        assert sum(part.macs for part in parts) == narrow.macs


def piecewise(path: Path, device: Device, network: Network) -> Piecewise:
    journal = Journal(path / "m.jsonl", "fake", SETTINGS, take=device)
    return Piecewise.of(MeasuredLatency(journal), network)


def test_only_what_a_cut_changes_is_measured(tmp_path: Path) -> None:
    device, network = Device(), residual()
    latency = piecewise(tmp_path, device, network)
    (own,) = latency.sums_s([network])
    assert own == pytest.approx(2e-5 + network.macs * 1e-9)
    assert len(device.asked) == 2
    channels = channels_of(network)
    group = next(each for each in channels.groups if each.name == "one.expand")
    narrow = [prune(channels, group.classes[:count]) for count in (4, 8)]
    assert latency.sums_s(narrow) == pytest.approx([2e-5 + n.macs * 1e-9 for n in narrow])
    assert len(device.asked) == 4
    assert latency.whole_s(narrow[0]) == pytest.approx(1e-5 + narrow[0].macs * 1e-9)
    latency.sums_s([network, *narrow])
    assert len(device.asked) == 5


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    network = residual()
    before = piecewise(tmp_path, Device(), network).sums_s([network])
    device = Device()
    assert piecewise(tmp_path, device, network).sums_s([network]) == before
    assert not device.asked


def test_a_place_of_equal_pieces_costs_one(tmp_path: Path) -> None:
    """Shuffle units of one shape are one piece, counted twice."""
    device, network = Device(), shuffled()
    latency = piecewise(tmp_path, device, network)
    (own,) = latency.sums_s([network])
    count = len(pieces(network, latency.at))
    assert own == pytest.approx(count * 1e-5 + network.macs * 1e-9)
    assert len(device.asked) <= count
    assert np.isfinite(own)
