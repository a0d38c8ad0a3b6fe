"""The networks of the literature and random members of the families, as torch modules and ONNX."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from cosearch.deep.export import check_parity, to_onnx
from cosearch.deep.module import GraphModule, to_module
from cosearch.families import FAMILIES, NetworkFamily
from cosearch.networks import Network
from cosearch.networks.onnx_in import read_onnx
from cosearch.zoo import ZOO

FIRST = {entry.family: name for name, entry in reversed(ZOO.items())}  # of every family
REST = [pytest.param(name, marks=pytest.mark.slow) for name in ZOO if name not in FIRST.values()]
MADE = {name: entry.make() for name, entry in FAMILIES.items()}
NETWORK_FAMILIES = [name for name, made in MADE.items() if isinstance(made, NetworkFamily)]


def members(name: str, n: int) -> list[Network]:
    """Random networks of a family."""
    of = MADE[name]
    return [of.network(genome) for genome in of.space.sample(np.random.default_rng(0), n)]


def one_image(network: Network) -> torch.Tensor:
    return torch.rand(1, *network.input_shape, generator=torch.Generator().manual_seed(0))


def runs(network: Network) -> None:
    """Gives finite numbers of the shape the graph says, with as many parameters."""
    module = to_module(network).eval()
    with torch.inference_mode():
        out = module(one_image(network))
    assert out.shape == (1, *network.nodes[-1].shape)
    assert out.isfinite().all()
    assert sum(parameter.numel() for parameter in module.parameters()) == network.params


@pytest.mark.parametrize("name", FIRST.values())
def test_published_networks_run(name):
    runs(ZOO[name].build())


@pytest.mark.parametrize("name", REST)
def test_published_networks_of_any_size_fit_their_graphs(name):
    network = ZOO[name].build()
    with torch.device("meta"):  # shapes without numbers
        module = GraphModule(network)
        out = module(torch.empty(2, *network.input_shape))
    assert out.shape == (2, *network.nodes[-1].shape)
    assert sum(parameter.numel() for parameter in module.parameters()) == network.params


@pytest.mark.parametrize("name", NETWORK_FAMILIES)
def test_a_random_member_of_a_family_runs(name):
    (network,) = members(name, 1)
    runs(network)


# ---- to ONNX and back


# a file holds equal ReLUs once, and no operators without a reader; these graphs do
SHORTER_AS_FILES = ("nasbench201", "nasnet")


def exported(network: Network, path: Path) -> Network:
    """Written as a file that gives the same logits, and read back."""
    module = to_module(network).eval()
    to_onnx(module, network.input_shape, path)
    check_parity(module, path, one_image(network).numpy())
    return read_onnx(path)


def survives(network: Network, path: Path) -> None:
    """The file is read back with the same cost rows."""
    back = exported(network, path)
    assert_array_equal(back.layers.table(np.int64), network.layers.table(np.int64))


def test_a_random_mobile_network_survives_onnx(tmp_path):
    survives(members("mobile", 1)[0], tmp_path / "network.onnx")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["mobilenet-v3-small", "efficientnet-b0", "shufflenet-v2-0.5", "inception-v1", "vit-ti"],
)
def test_published_networks_survive_onnx(name, tmp_path):
    survives(ZOO[name].build(), tmp_path / "network.onnx")


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in NETWORK_FAMILIES if n not in SHORTER_AS_FILES])
def test_random_members_of_families_survive_onnx(name, tmp_path):
    survives(members(name, 1)[0], tmp_path / "network.onnx")


@pytest.mark.slow
@pytest.mark.parametrize("name", SHORTER_AS_FILES)
def test_files_leave_out_what_need_not_run(name, tmp_path):
    (network,) = members(name, 1)
    back = exported(network, tmp_path / "network.onnx")
    assert len(back.rows) < len(network.rows)
    assert 0 < back.macs <= network.macs
