"""Everything registered is held to the suites we ship."""

from dataclasses import replace

import numpy as np
import pytest

from cosearch.cost import EdgeModel
from cosearch.families import FAMILIES, MobileFamily, NahasChipFamily
from cosearch.hardware import find_chip
from cosearch.search import OPTIMIZERS
from cosearch.search.registry import OUTSIDE
from cosearch.testing import check_cost_model, check_family, check_optimizer


@pytest.mark.parametrize("name", FAMILIES)
def test_family(name: str) -> None:
    check_family(FAMILIES[name].make())


WITH_MODELS = ("gp", "mbo", "p3bo", "adaptive-p3bo")  # tenths of a second a round, or more


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name not in OUTSIDE])
def test_optimizer(name: str) -> None:
    check_optimizer(OPTIMIZERS[name], rounds=6 if name in WITH_MODELS else 20)


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_MODELS)
def test_optimizer_for_longer(name: str) -> None:
    check_optimizer(OPTIMIZERS[name])


@pytest.mark.parametrize(("size", "seed"), [(8, 0), (8, 1), (32, 2), (224, 3)])
def test_cost_model(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    networks, chips = MobileFamily.for_images(3, size, 10), NahasChipFamily()
    layers = networks.decode(networks.space.sample(rng, 60))
    check_cost_model(EdgeModel(), layers, chips.decode(chips.space.sample(rng, 60)))


def test_a_chip_of_the_family_is_found_again() -> None:
    family = NahasChipFamily()
    for genome in family.space.sample(np.random.default_rng(0), 20):
        found = family.locate(family.decode(genome[None])[0])
        assert found is not None
        assert np.array_equal(found, genome)
    baseline = find_chip("nahas-baseline").columns()
    assert family.locate(replace(baseline, clock_hz=np.array(1e9))) is None
    assert family.locate(replace(baseline, pes_x=np.array(3))) is None
