"""Families for other images: small, grey, few classes, narrow."""

import numpy as np
import pytest

from cosearch.errors import CosearchError
from cosearch.families import FAMILIES, SIZED, sized
from cosearch.families.fitting import strides_to_drop
from cosearch.testing import check_family
from cosearch.zoo import find_network

FULL = {"mobile": (1, 8, 8), "fbnet-cifar": (3, 32, 32), "nasbench201": (3, 32, 32)}
FULL |= {"nas-bench-macro": (3, 32, 32), "mobiledet": (3, 320, 320), "mobiledet-cpu": (3, 320, 320)}
CLASSES = {"mobile": 10, "fbnet-cifar": 100, "nasbench201": 10, "nas-bench-macro": 10}
CLASSES |= {"efficientnet-edgetpu": 1001}
TABLES_OF_THOUSANDS = {
    "accel-nasbench",
    "efficientnet-x",
    "mnasnet",
    "mobilenet-v3-like",
    "nahas-evolved",
}
NAMES = [
    pytest.param(name, marks=[pytest.mark.slow] * (name in TABLES_OF_THOUSANDS))
    for name in sorted(SIZED)
]
BACKBONES = {"mobiledet", "mobiledet-cpu"}  # by default they have no classes


@pytest.mark.parametrize("name", sorted(SIZED.keys() - BACKBONES))
def test_at_its_own_size_a_family_is_the_published_one(name):
    family = sized(name, FULL.get(name, (3, 224, 224)), CLASSES.get(name, 1000))
    published = FAMILIES[name].make()
    assert family.space == published.space
    assert family.references == published.references
    genomes = published.space.sample(np.random.default_rng(0), 4)
    for genome in genomes:
        assert family.network(genome) == published.network(genome)


@pytest.mark.parametrize("name", NAMES)
def test_small_narrow_families_hold_together(name):
    family = sized(name, (1, 16, 16), 7, width=0.25)
    assert family.name == name
    check_family(family, samples=8)
    network = family.network(family.space.sample(np.random.default_rng(0), 1)[0])
    assert network.input_shape == (1, 16, 16)
    assert network.nodes[-1].shape == (7,)


@pytest.mark.parametrize("name", sorted(SIZED))
def test_width_scales_the_work(name):
    full, half = (sized(name, (3, 32, 32), 10, width) for width in (1.0, 0.5))
    values = next(iter(full.references))
    macs = [f.network(f.space.encode(f.references[values])).macs for f in (full, half)]
    assert 0.2 < macs[1] / macs[0] < 0.6


def test_narrow_widths_are_the_fields():
    """MobileNetV2 0.5 but for its head, which the paper does not narrow."""
    family = sized("mobilenet-v2", (3, 224, 224), 1000, width=0.5)
    network = family.network(family.space.encode(family.references["mobilenet-v2-1.0"]))
    published = find_network("mobilenet-v2-0.5")
    assert [node.shape for node in network.nodes[:-3]] == [
        node.shape for node in published.nodes[:-3]
    ]


@pytest.mark.parametrize(("pixels", "drop"), [(96, 0), (95, 1), (48, 1), (32, 2), (28, 2), (8, 4)])
def test_small_images_lose_the_first_strides(pixels, drop):
    assert strides_to_drop(pixels) == drop
    network = sized("mobilenet-v2", (3, pixels, pixels), 10).network(np.zeros(33, dtype=np.int64))
    strides = [node.stride for node in network.nodes if node.op == "conv" and node.kernel != (1, 1)]
    taken = [i for i, stride in enumerate(strides) if stride == 2]
    assert len(taken) == 5 - drop
    assert taken == [0, 2, 4, 7, 14][drop:]


def test_fbnet_at_32_pixels_strides_as_its_cifar_space():
    small, cifar = sized("fbnet", (3, 32, 32), 10), sized("fbnet-cifar", (3, 32, 32), 10)
    genome = cifar.space.sample(np.random.default_rng(0), 1)[0]
    shapes = [[n.shape[1:] for n in f.network(genome).nodes[:-3]] for f in (small, cifar)]
    assert shapes[0] == shapes[1]


def test_space_to_depth_keeps_its_stride():
    family = sized("efficientnet-x", (3, 32, 32), 10)
    reference = dict(family.references["efficientnet-x-b0"])
    ends = {
        family.network(family.space.encode(reference | {"space_to_depth": fold})).nodes[-3].shape
        for fold in (1, 2)
    }
    assert ends == {(1280, 4, 4)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nasnet", (3, 32, 32), 10), "nasnet"),
        (("fbnet", (3, 0, 32), 10), "images of"),
        (("fbnet", (3, 32, 32), 0), "0 classes"),
        (("fbnet", (3, 32, 32), 10, 0.0), r"width 0\.0"),
        (("fbnet", (3, 32, 32), 10, float("nan")), "width nan"),
        (("nasbench201", (3, 32, 16), 10), "square"),
    ],
)
def test_bad_sizes(arguments, message):
    with pytest.raises(CosearchError, match=message):
        sized(*arguments)
