"""The sweep is the model: its figures are those `EdgeModel` gives, design by design."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cosearch.cost import EdgeModel
from cosearch.cost.sweep import Budget, Figures, Goal, SweepTables, figures, sweep
from cosearch.cost.sweep.factors import genomes, sizes
from cosearch.cost.sweep.tables import tables
from cosearch.families import ApolloChipFamily, NahasChipFamily
from cosearch.networks import Layers
from cosearch.zoo import find_network

MODEL = EdgeModel()


def some_layers(name: str, *picked: int) -> Layers:
    """A few layers of a network, as a network."""
    return find_network(name).layers[np.array(picked)]


def same(found: Figures, layers: Layers, family: Any, rel: float = 1e-9) -> None:
    """Equal to the model's own, infinities included."""
    cost = MODEL(layers, family.decode(genomes(family, found.design))[:, None]).sum(-1)
    assert np.allclose(found.latency_s[:, 0], cost.latency_s, rtol=rel, atol=0)
    assert np.allclose(found.energy_j[:, 0], cost.energy_j, rtol=rel, atol=0)
    assert np.allclose(found.area_mm2, cost.area_mm2, rtol=rel, atol=0)


def drawn(made: SweepTables, family: Any, n: int) -> Figures:
    n_on, n_off = sizes(family)
    return figures([made], np.random.default_rng(0).integers(0, n_on * n_off, n))


def test_random_designs() -> None:
    layers, family = some_layers("mobilenet-v2-1.0", 0, 4, 5, 8, 9, 30, -1), ApolloChipFamily()
    made = tables(layers, family, MODEL, workers=2)
    same(drawn(made, family, 1000), layers, family)


def test_a_whole_space_against_the_model() -> None:
    """Every one of NAHAS's 50,000 accelerators by the model itself: the same best, and counts."""
    layers, family = some_layers("mobilenet-v2-1.0", 0, 5, 9, -1), NahasChipFamily()
    every = np.arange(family.space.size)
    cost = MODEL(layers, family.decode(genomes(family, every))[:, None]).sum(-1)
    area, energy = np.quantile(cost.area_mm2, 0.2), np.quantile(cost.energy_j, 0.1)
    some = float(area) * (1 + 1e-7)  # no design's own: sums in another order may differ
    budgets = (Budget(), Budget(some), Budget(some, energy_j=float(energy) * (1 + 1e-7)))
    found = sweep([tables(layers, family, MODEL)], Goal(budgets=budgets, front=2))
    assert found.evaluated == family.space.size
    assert found.can_run == np.isfinite(cost.latency_s).sum()
    for budget, answer in zip(budgets, found.answers, strict=True):
        meets = np.isfinite(cost.latency_s) & (cost.area_mm2 <= budget.area_mm2)
        meets &= cost.energy_j <= budget.energy_j
        assert answer.met == meets.sum() > 10
        assert answer.best.latency_s[0, 0] == pytest.approx(cost.latency_s[meets].min(), rel=1e-9)
        same(answer.best, layers, family)
    assert found.front is not None
    for latency, area in zip(found.front.latency_s[:, 0], found.front.area_mm2, strict=True):
        smaller = cost.area_mm2 < area * (1 - 1e-9)
        assert not (smaller & (cost.latency_s < latency * (1 - 1e-9))).any()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mobilenet-v2-1.0", "efficientnet-edgetpu-s", "vit-ti"])
def test_ten_thousand_random_designs(name: str) -> None:
    layers, family = find_network(name).layers, ApolloChipFamily()
    made = tables(layers, family, MODEL, workers=2)
    same(drawn(made, family, 10_000), layers, family)


@pytest.mark.slow
def test_the_whole_of_apollo() -> None:
    layers, family = find_network("mobilenet-v2-1.0").layers, ApolloChipFamily()
    made = tables(layers, family, MODEL, workers=2)
    budgets = tuple(Budget(area_mm2=area) for area in (6.8, 5.8, 4.8))
    found = sweep([made], Goal(budgets=budgets, front=2), workers=2)
    assert found.evaluated == 452_760_000
    some = drawn(made, family, 100_000)
    for budget, answer in zip(budgets, found.answers, strict=True):
        same(answer.best, layers, family)
        meets = some.area_mm2 <= budget.area_mm2
        assert answer.best.latency_s[0, 0] <= some.latency_s[meets, 0].min()
    assert found.front is not None
    same(found.front, layers, family)
