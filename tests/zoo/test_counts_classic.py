"""Counts of the classic networks as published, and of the detectors and U-Net as configured."""

import pytest

from cosearch.errors import CosearchError
from cosearch.networks import Builder, Network
from cosearch.zoo import ZOO, find_network
from cosearch.zoo.branches import module

# Exact, of torchvision's, timm's (both Inceptions v4) and Keras applications' (ResNet V2) releases.
PARAMETERS = {
    "vgg-16": 138_357_544,
    "vgg-19": 143_667_240,
    "squeezenet-1.0": 1_248_424,
    "squeezenet-1.1": 1_235_496,
    "densenet-121": 7_978_856,
    "densenet-169": 14_149_480,
    "densenet-201": 20_013_928,
    "resnet-v2-50": 25_568_360,
    "resnet-v2-101": 44_577_896,
    "resnet-v2-152": 60_236_904,
    "inception-v3": 23_834_568,
    "inception-v4": 42_679_816,
    "inception-resnet-v2": 55_843_464,
}

# Billions of multiply-accumulates; timm's counts, VGG's and DenseNet's torchvision's.
GIGAMACS = {
    "vgg-16": 15.47,
    "vgg-19": 19.63,
    "squeezenet-1.0": 0.82,
    "squeezenet-1.1": 0.35,
    "densenet-121": 2.83,
    "inception-v3": 5.71,
    "inception-v4": 12.25,
    "inception-resnet-v2": 13.16,
}


def norms(network: Network) -> int:
    """Channels with a batch norm after a convolution."""
    return sum(node.shape[0] for node in network.nodes if node.attributes.get("norm"))


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_are_the_released_ones(name: str) -> None:
    assert find_network(name).params == PARAMETERS[name]


@pytest.mark.parametrize("name", GIGAMACS)
def test_macs_are_the_released_ones(name: str) -> None:
    assert find_network(name).macs / 1e9 == pytest.approx(GIGAMACS[name], abs=0.005)


def test_inception_v2_is_of_the_published_size() -> None:
    network = find_network("inception-v2")  # 11.185 M with 1,001 classes, folded (OpenVINO zoo)
    assert network.params - norms(network) + 1025 == pytest.approx(11.185e6, rel=1e-3)


def test_detectors_have_the_anchors_of_their_configuration() -> None:
    for name in ("ssd-mobilenet-v1", "ssd-mobilenet-v2"):
        assert find_network(name).nodes[-1].shape == (4 + 91, 1917)


def test_ssd_has_the_published_parameters() -> None:
    network = find_network("ssd-mobilenet-v1")  # norms folded: 6.807 M (OpenVINO model zoo)
    assert round((network.params - norms(network)) / 1e6, 3) == 6.807


def test_unet_has_the_tutorials_parameters() -> None:
    network = find_network("unet-mobilenet-v2")
    assert network.params + 2 * norms(network) == 6_504_227  # the moving averages too
    assert network.nodes[-1].shape == (3, 128, 128)


def test_networks_at_another_resolution() -> None:
    small, whole = find_network("mobilenet-v1-0.25@128"), find_network("mobilenet-v1-0.25")
    assert small.input_shape == (3, 128, 128)
    assert small.params == whole.params
    assert small.macs < whole.macs / 2.5
    assert find_network("resnet-50@224") == find_network("resnet-50")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("resnet-50@big", "NAME@PIXELS"),
        ("resnet-50@0", "1 to 8192"),
        ("resnet-51@224", "resnet-50"),
        ("nasnet-a-mobile@128", "224 only"),
        ("inception-v3@20", "empty output"),
    ],
)
def test_what_cannot_be_built_is_named(name: str, says: str) -> None:
    with pytest.raises(CosearchError, match=says):
        find_network(name)


@pytest.mark.parametrize(
    ("loose", "name"),
    [
        ("mobilenet_v2", "mobilenet-v2-1.0"),
        ("mobilenet-v2", "mobilenet-v2-1.0"),
        ("mobilenet_v2_0.35@96", "mobilenet-v2-0.35@96"),
        ("squeezenet@128", "squeezenet-1.0@128"),
        ("efficientnet_edgetpu_s", "efficientnet-edgetpu-s"),
        ("mnasnet_a1", "mnasnet-a1"),
    ],
)
def test_names_as_others_write_them(loose: str, name: str) -> None:
    assert find_network(loose) == find_network(name)


def test_an_unknown_name_is_shown_as_given() -> None:
    with pytest.raises(CosearchError, match=r"unknown network 'mobilenet_v9': .* mobilenet-v"):
        find_network("mobilenet_v9@96")


def test_branches_join_what_forks() -> None:
    net = Builder("n", (4, 8, 8))
    end = module(net, "input", ("1x1 6", "avg > 1x3 5 & 3x1 5", "max"), "module")
    assert net.shape(end) == (6 + 5 + 5 + 4, 8, 8)
    assert net.shape(module(net, end, ("3x3/2 7",), "valid")) == (7, 3, 3)
    assert net.shape(module(net, end, ("3x3/2p 7",), "same")) == (7, 4, 4)
    with pytest.raises(ValueError, match="step '3x3'"):
        module(net, end, ("3x3",), "wrong")


def test_entries_are_of_their_resolution() -> None:
    for name in (*PARAMETERS, "inception-v2", "ssd-mobilenet-v1", "unet-mobilenet-v2"):
        entry = ZOO[name]
        assert entry.build().input_shape == (3, entry.resolution, entry.resolution)
