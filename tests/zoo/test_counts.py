"""Parameters and multiply-accumulates of the mobile networks against published numbers."""

from decimal import Decimal

import pytest

from cosearch.networks import Network
from cosearch.zoo import ZOO, find_network

# Computed from the authors' released configurations, batch norm's scale and shift counted:
# name -> millions of parameters, millions of MACs; equal to the last digit given.
CONFIGURED = {
    "mnasnet-a1": ("3.887", "311.6"),
    "mnasnet-b1": ("4.383", "314.4"),
    "mnasnet-small": ("2.030", "68.3"),
    "mobilenet-v3-large": ("5.483", "216.6"),
    "mobilenet-v3-small": ("2.543", "56.5"),
    "fbnet-a": ("4.305", "244.5"),
    "fbnet-b": ("4.801", "291.0"),
    "fbnet-c": ("5.571", "378.1"),
    "efficientnet-b0": ("5.289", "385.8"),
    "efficientnet-b1": ("7.794", "687"),
    "efficientnet-b2": ("9.110", "994"),
    "efficientnet-b3": ("12.233", "1827"),
    "efficientnet-b4": ("19.342", "4394"),
    "efficientnet-b5": ("30.390", "10266"),
    "efficientnet-b6": ("43.041", "19068"),
    "efficientnet-b7": ("66.348", "37746"),
    "efficientnet-edgetpu-s": ("5.440", "1789"),
    "efficientnet-edgetpu-m": ("6.901", "3013"),
    "efficientnet-edgetpu-l": ("10.591", "7936"),
    "efficientnet-x-b0": ("7.584", "920.4"),
    "efficientnet-x-b1": ("9.57", "1.61e3"),
    "efficientnet-x-b2": ("9.97", "2.31e3"),
    "efficientnet-x-b3": ("13.29", "4.33e3"),
    "efficientnet-x-b4": ("21.14", "10.5e3"),
    "efficientnet-x-b5": ("33.43", "24.6e3"),
    "efficientnet-x-b6": ("47.65", "47.5e3"),
    "efficientnet-x-b7": ("73.16", "91787"),
    "efficientnet-x-tpu-b4": ("34.0", "10.9e3"),
    "efficientnet-x-tpu-b5": ("59.9", "24.4e3"),
    "efficientnet-x-tpu-b7": ("198.6", "85.5e3"),
    "efficientnet-x-gpu-b4": ("37.1", "10.0e3"),
    "efficientnet-x-gpu-b7": ("196.7", "84.5e3"),
}

# As printed by the authors: in the papers (MnasNet, table 1; EfficientNet-X) or beside their code.
PUBLISHED = {
    "mobilenet-v1-1.0": ("4.24", "569"),
    "mobilenet-v1-0.5": ("1.34", "150"),
    "mobilenet-v1-0.25": ("0.47", "41"),
    "mobilenet-v3-large-0.75": ("4.0", "155"),
    "mobilenet-v3-large-minimalistic": ("3.9", "209"),
    "mobilenet-v3-large": ("5.4", "217"),
    "mobilenet-edgetpu-0.75": ("2.9", "624"),
    "mobilenet-edgetpu-1.0": ("4.0", "990"),
    "mnasnet-a1": ("3.9", "312"),
    "mnasnet-small": ("2.0", "68"),
    "fbnet-a": ("4.3", "244.5"),
    "fbnet-b": ("4.8", "291.1"),
    "fbnet-c": ("5.5", "378.2"),
    "efficientnet-x-b7": ("73", "91e3"),
}

# Printed counts that leave batch norm out.
WITHOUT_NORM = {
    "mobilenet-v2-0.35": ("1.66", "59"),
    "mobilenet-v2-0.5": ("1.95", "97"),
    "mobilenet-v2-0.75": ("2.61", "209"),
    "mobilenet-v2-1.0": ("3.47", "300"),
    "mobilenet-v2-1.3": ("5.34", "509"),
    "mobilenet-v2-1.4": ("6.06", "582"),
    "fbnet-iphonex": ("4.47", "322"),
    "fbnet-s8": ("4.43", "293"),
}

# Printed counts that include elementwise work: about 1.2 % more in MnasNet's table of widths, and
# three operations per convolution output (norm, activation) in EfficientNet-Lite's.
WITH_ELEMENTWISE = {
    "mnasnet-a1": ("3.9", "315.2"),
    "mnasnet-a1-0.35": ("1.7", "63.2"),
    "mnasnet-a1-0.5": ("2.1", "105.2"),
    "mnasnet-a1-0.75": ("2.9", "226.7"),
    "mnasnet-a1-1.4": ("6.1", "591.5"),
    "efficientnet-lite0": ("4.7", "407"),
    "efficientnet-lite1": ("5.4", "631"),
    "efficientnet-lite2": ("6.1", "899"),
    "efficientnet-lite3": ("8.2", "1.44e3"),
    "efficientnet-lite4": ("13.0", "2.64e3"),
}


def _unit(printed: str) -> float:
    """One in the last place of a printed number."""
    return float(Decimal(1).scaleb(int(Decimal(printed).as_tuple().exponent)))


def _millions(count: int) -> float:
    return count / 1e6


def _norm_params(network: Network) -> int:
    return sum(2 * n.shape[0] for n in network.nodes if n.op == "conv" and n.norm)


@pytest.mark.parametrize("name", CONFIGURED)
def test_counts_of_released_configurations(name):
    network = find_network(name)
    for printed, count in zip(CONFIGURED[name], (network.params, network.macs), strict=True):
        assert abs(_millions(count) - float(printed)) <= _unit(printed) / 2


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_counts(name):
    """To one in the last place: some authors cut digits off, some round."""
    network = find_network(name)
    for printed, count in zip(PUBLISHED[name], (network.params, network.macs), strict=True):
        assert abs(_millions(count) - float(printed)) <= _unit(printed)


@pytest.mark.parametrize("name", WITHOUT_NORM)
def test_published_counts_without_norm(name):
    network = find_network(name)
    weights = network.params - _norm_params(network)
    for printed, count in zip(WITHOUT_NORM[name], (weights, network.macs), strict=True):
        assert abs(_millions(count) - float(printed)) <= _unit(printed)


@pytest.mark.parametrize("name", WITH_ELEMENTWISE)
def test_published_counts_with_elementwise_work(name):
    network = find_network(name)
    params, macs = map(float, WITH_ELEMENTWISE[name])
    assert _millions(network.params) == pytest.approx(params, abs=0.05)
    assert 1.0 <= macs / _millions(network.macs) < 1.06


@pytest.mark.parametrize("name", ZOO)
def test_names_agree(name):
    assert ZOO[name].name == name
    assert ZOO[name].source
