"""Layer-wise spaces as places: every network once, and back."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cosearch.errors import CosearchError
from cosearch.families import FAMILIES, fbnet_family, proxylessnas_family, spos_family
from cosearch.families.places import genomes_of, options_of, places_of

LAYER_WISE = ("fbnet", "fbnet-cifar", "spos", "hurricane", "nas-bench-macro", "proxylessnas")
SHARED = ("mobile", "mnasnet", "nasbench201", "once-for-all", "mobilenet-v3-like")


@pytest.mark.parametrize("name", LAYER_WISE)
def test_options_are_the_networks_of_the_space(name: str) -> None:
    chain = FAMILIES[name].make().chain
    places = places_of(chain)
    assert math.prod(len(place.options) for place in places) == chain.space.size
    genomes = chain.space.sample(np.random.default_rng(0), 200)
    options = options_of(chain, genomes)
    assert np.array_equal(genomes_of(chain, options), genomes)
    for place, column in zip(places, options.T, strict=True):
        values = chain.space.values(genomes[0])
        chosen = dict(zip(place.knobs, place.options[column[0]], strict=True))
        assert all(chosen[name] == value for name, value in values.items() if name in chosen)


def test_places_stand_where_the_layers_do() -> None:
    places = places_of(fbnet_family().chain)
    assert len(places) == 22
    assert places[1].slot == "stage1.block0"
    assert places[1].knobs == ("stage1.block0.operator",)
    assert places[1].options[2] == ("k3e3",)


def test_what_a_skipped_layer_does_not_have_is_no_option() -> None:
    places = places_of(proxylessnas_family().chain)
    assert [len(place.options) for place in places] == [3, *[6, 7, 7, 7] * 5, 6]
    genome = np.zeros((1, len(proxylessnas_family().space)), dtype=np.int64)
    column = proxylessnas_family().chain.column("stage1.block1.operator")
    genome[:, column : column + 3] = (1, 2, 1)  # skipped, with a kernel nobody sees
    assert options_of(proxylessnas_family().chain, genome)[0, 2] == 6


@pytest.mark.parametrize("name", SHARED)
def test_a_stage_wise_space_has_no_places(name: str) -> None:
    with pytest.raises(CosearchError, match="not layer-wise"):
        places_of(FAMILIES[name].make().chain)


def test_a_bad_option_is_named() -> None:
    chain = spos_family().chain
    with pytest.raises(CosearchError, match=r"'stage0.block0': option 4, allowed are 0 to 3"):
        genomes_of(chain, np.full((1, 20), 4))
    with pytest.raises(CosearchError, match="expected"):
        genomes_of(chain, np.zeros((1, 19), dtype=np.int64))
