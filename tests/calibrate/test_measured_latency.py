"""Measured latency in a search: every network once, also after a restart."""

from __future__ import annotations

import numpy as np
import pytest

from cosearch.calibrate.journal import Journal
from cosearch.calibrate.measured_latency import MeasuredLatency
from cosearch.cost import AsksNetworks, CostModel
from cosearch.errors import CosearchError
from cosearch.families import MobileFamily
from cosearch.measure import Settings, measure

ONCE = Settings(warm_up=0, rounds=1, max_rounds=1, repeats=1, round_s=0.0)


@pytest.fixture(scope="module")
def networks():
    family = MobileFamily.for_images(1, 8, 10)
    genomes = family.space.sample(np.random.default_rng(0), 3)
    return [family.network(genome) for genome in genomes]


class Counted:
    """Measures as `measure` does, and remembers what; goes away after so many."""

    def __init__(self, lasts: int = 1000) -> None:
        self.lasts = lasts
        self.taken: list[str] = []

    def __call__(self, network, on, settings, **options):
        if "reference" not in network.name:
            if len(self.taken) == self.lasts:
                raise CosearchError("device board: `ssh board true` ended with exit code 255")
            self.taken.append(network.name)
        return measure(network, on, settings, accept_noise=True)


def model(path, take, settings=ONCE):
    return MeasuredLatency(Journal(path, "onnxruntime", settings, take=take))


def test_it_is_a_cost_model_of_whole_networks(tmp_path, networks) -> None:
    asked = model(tmp_path / "m.jsonl", Counted())
    assert isinstance(asked, AsksNetworks)
    assert isinstance(asked, CostModel)
    cost = asked.of_networks(networks)
    assert cost.shape == (3,)
    assert (cost.latency_s > 0).all()
    assert np.isinf(cost.energy_j).all()
    with pytest.raises(CosearchError, match="needs networks, not rows"):
        asked(networks[0].layers, None)


def test_nothing_is_measured_twice(tmp_path, networks) -> None:
    path, first, second = tmp_path / "m.jsonl", Counted(), Counted()
    found = model(path, first).latency_s([*networks, networks[0]])
    assert len(first.taken) == 3
    assert found[3] == found[0]
    again = model(path, second).latency_s(networks[::-1])
    assert not second.taken
    assert again.tolist() == found[2::-1].tolist()


def test_a_device_that_goes_away_loses_nothing(tmp_path, networks) -> None:
    path, first, second = tmp_path / "m.jsonl", Counted(lasts=2), Counted()
    with pytest.raises(CosearchError, match="exit code 255"):
        model(path, first).latency_s(networks)
    model(path, second).latency_s(networks)
    assert (len(first.taken), len(second.taken)) == (2, 1)


def test_another_precision_is_not_mixed_in(tmp_path, networks) -> None:
    path = tmp_path / "m.jsonl"
    model(path, Counted()).latency_s(networks[:1])
    int8 = Settings("int8", warm_up=0, rounds=1, max_rounds=1, repeats=1, round_s=0.0)
    with pytest.raises(CosearchError, match="was measured with settings"):
        model(path, Counted(), int8).latency_s(networks[:1])
