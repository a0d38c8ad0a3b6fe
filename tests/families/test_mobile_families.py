"""The spaces of the mobile papers: their sizes, and the published networks as points of them."""

import math

import numpy as np
import pytest

from cosearch.families import FAMILIES, MobileFamily, fbnet_family, once_for_all_family
from cosearch.testing import check_family
from cosearch.zoo import ZOO, find_network

SIZES = {
    "mobilenet-v2": 3 * 6**16,  # 8.46e12 (NAHAS)
    "efficientnet": 3 * 6**15,  # 1.41e12 (NAHAS)
    "efficientnet-lite": 3 * 6**15,
    "fbnet": 9**22,
    "fbnet-cifar": 9**22,
    "once-for-all": (9**2 + 9**3 + 9**4) ** 5,  # 2e19
    "mnasnet": 432**5 * (2 * 144 + 1) ** 2,  # 432 per stage; the outer two may be left out
    "proxylessnas": 3 * 6**6 * 7**15,
}
# TuNAS counts kernel and expansion of skipped layers too.
PRODUCTS = {"proxylessnas": 21, "proxylessnas-enlarged": 28, "mobilenet-v3-like": 43}
RELEASED = {
    "fbnet-a": {"always_expand": False, "head": 1504},
    "fbnet-b": {"always_expand": False, "head": 1984},
    "fbnet-c": {"always_expand": False, "head": 1984},
    "fbnet-iphonex": {"always_expand": True, "head": 1504},
    "fbnet-s8": {"always_expand": True, "head": 1504},
}
AROUND = [
    "efficientnet",
    "efficientnet-edgetpu",
    "efficientnet-lite",
    "efficientnet-x",
    "mnasnet",
    "mobiledet",
    "mobiledet-cpu",
    "mobilenet-v2",
    "mobilenet-v3-large",
    "mobilenet-v3-small",
    "nahas-evolved",
    "proxylessnas",
    "proxylessnas-enlarged",
]


def _counts(network):
    return network.params, network.macs


@pytest.mark.parametrize("name", SIZES)
def test_size(name):
    assert FAMILIES[name].make().space.size == SIZES[name]


@pytest.mark.parametrize("name", PRODUCTS)
def test_published_magnitude(name):
    cardinalities = FAMILIES[name].make().space.cardinalities
    assert round(math.log10(math.prod(int(n) for n in cardinalities))) == PRODUCTS[name]


@pytest.mark.parametrize("name", AROUND)
def test_references_are_the_published_networks(name):
    family = FAMILIES[name].make()
    assert family.references.keys() <= ZOO.keys()
    for reference, values in family.references.items():
        network = family.network(family.space.encode(values))
        assert _counts(network) == _counts(find_network(reference))


@pytest.mark.parametrize("name", RELEASED)
def test_released_fbnets(name):
    family = fbnet_family(**RELEASED[name])
    network = family.network(family.space.encode(family.references[name]))
    assert _counts(network) == _counts(find_network(name))


def test_once_for_all_at_several_resolutions():
    family = once_for_all_family(resolutions=(128, 224))
    check_family(family, samples=8)
    alone = once_for_all_family()
    assert family.space.size == 2 * alone.space.size
    for name, size in (("smallest", 128), ("largest", 224)):
        network = family.network(family.space.encode(family.references[name]))
        assert network.input_shape == (3, size, size)


def test_stages_left_out_leave_no_rows():
    family = FAMILIES["mnasnet"].make()
    values = {**family.references["mnasnet-b1"], "stage0.repeats": 0, "stage6.repeats": 0}
    network = family.network(family.space.encode(values))
    names = [node.name for node in network.nodes]
    assert not any(name.startswith(("stage0.", "stage6.")) for name in names)
    assert np.isfinite(network.macs)


@pytest.mark.parametrize(("size", "stride"), [(8, 1), (32, 2)])
def test_the_mobile_space_has_the_ends_it_is_given(size, stride):
    family = MobileFamily.for_images(3, size, 10)
    network = family.network(np.zeros(len(family.space), dtype=np.int64))
    stem, (head, _, classifier) = network.nodes[1], network.nodes[-3:]
    assert stem.shape == (family.stem_width, size // stride, size // stride)
    assert head.shape[0] == family.head_width
    assert classifier.shape == (10,)
