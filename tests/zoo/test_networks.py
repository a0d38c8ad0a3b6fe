"""Networks and random members of families: torch, cost rows, ONNX and back agree."""

import numpy as np
import pytest

from cosearch.families import FAMILIES
from cosearch.testing import check_network
from cosearch.zoo import ZOO

# the round trips in tests/networks have one of each kind of block
ALWAYS = ("mnasnet-small", "nasbench201-resnet")
NETWORKS = [name for name, entry in FAMILIES.items() if hasattr(entry.make(), "network")]
ALWAYS_MEMBERS = ("mobile", "nas-bench-macro")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in ALWAYS else pytest.mark.slow) for n in ZOO]
)
def test_published_network(name: str) -> None:
    network = ZOO[name].build()
    if network.params > 60e6 or network.macs > 20e9:
        pytest.skip("more memory and time than a test should take")
    check_network(network)


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in ALWAYS_MEMBERS else pytest.mark.slow) for n in NETWORKS],
)
def test_random_members(name: str) -> None:
    family = FAMILIES[name].make()
    (genome,) = family.space.sample(np.random.default_rng(0), 1)
    check_network(family.network(genome))
