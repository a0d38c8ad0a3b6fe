"""Networks x chips by nesting: the same as going through all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.cost.few_chips import FewChips

from cosearch.cost import EdgeModel
from cosearch.cost.edge.off_chip import is_fused
from cosearch.cost.sweep import Budget, Goal, sweep
from cosearch.cost.sweep.factors import genomes, off_chip
from cosearch.cost.sweep.joint import JointFront, joint_front
from cosearch.cost.sweep.joint.front import _Record, _Row
from cosearch.cost.sweep.joint.networks import NONE, NetworkList
from cosearch.cost.sweep.joint.settings import Settings
from cosearch.cost.sweep.tables import tables
from cosearch.errors import CosearchError
from cosearch.families import ApolloChipFamily, NahasChipFamily
from cosearch.families.nas_bench_macro import nas_bench_macro_family
from cosearch.hardware import technology
from cosearch.networks import Layers
from cosearch.zoo import find_network

MODEL = EdgeModel()
NETWORKS = nas_bench_macro_family()
# PE memories too small for the weights, small staging memories: every side of the model is seen.
FEW = FewChips(((1, 2), (1, 2, 3), (0, 2), (1,), (1, 4), (2, 4), (0, 2), (0, 2), (0, 3), (0, 5)))


def drawn(n: int, seed: int = 0) -> Layers:
    return NETWORKS.decode(NETWORKS.space.sample(np.random.default_rng(seed), n))


def every(layers: Layers, family: Any) -> dict[str, np.ndarray]:
    """Metrics of all networks on all chips, (N, chips), by the model itself."""
    chips = family.decode(genomes(family, np.arange(family.space.size)))
    costs = [MODEL(layers[i], chips[:, None]).sum(-1) for i in range(layers.shape[0])]
    names = ("latency_s", "energy_j", "area_mm2")
    return {name: np.stack([getattr(cost, name) for cost in costs]) for name in names}


def front_of(metrics: dict[str, np.ndarray], merit: np.ndarray, budget: Budget) -> list[Any]:
    """(merit, latency, area) of the front, the slow way."""
    meets = np.isfinite(metrics["latency_s"])
    for name, values in metrics.items():
        meets &= values <= getattr(budget, name)
    latency = np.where(meets, metrics["latency_s"], np.inf)
    out: list[Any] = []
    for level in sorted(set(merit.tolist()), reverse=True):
        among = latency[merit == level]
        if among.min() < min((row[1] for row in out), default=np.inf) * (1 - 1e-12):
            area = metrics["area_mm2"][merit == level][among <= among.min() * (1 + 1e-12)].min()
            out.append((level, among.min(), area))
    return out


def shared(metrics: dict[str, np.ndarray], area: float, latency: float, energy: float) -> Budget:
    """Limits that shares of designs meet; no design's own, as sums in another order may differ."""
    of = {"area_mm2": (metrics["area_mm2"], area), "energy_j": (metrics["energy_j"], energy)}
    of["latency_s"] = metrics["latency_s"].min(axis=1), latency
    some = {name: np.quantile(*pair) * (1 + 1e-7) for name, pair in of.items() if pair[1] < 1}
    return Budget(**{name: float(limit) for name, limit in some.items()})


def rows(front: JointFront) -> list[Any]:
    return list(zip(front.merit, front.latency_s, front.area_mm2, strict=True))


@pytest.fixture(scope="module")
def whole() -> tuple[Layers, np.ndarray, dict[str, np.ndarray]]:
    layers = drawn(14)
    merit = np.round(layers.macs.sum(axis=-1) / 2e7)  # big ones first, several alike
    assert len(set(merit)) < 12
    return layers, merit, every(layers, FEW)


# Shares of designs that meet each limit alone; of latency, of networks at their fastest.
SHARES = [(1, 1, 1), (0.3, 1, 1), (0.6, 0.5, 1), (1, 1, 0.05), (0.7, 0.6, 0.3), (0.1, 0.01, 1)]


@pytest.mark.parametrize(("area", "latency", "energy"), SHARES)
def test_equal_to_all_designs_by_the_model(
    whole: Any, area: float, latency: float, energy: float
) -> None:
    layers, merit, metrics = whole
    budget = shared(metrics, area, latency, energy)
    wanted = front_of(metrics, merit, budget)
    assert (len(wanted) > 0) == (latency > 0.1)
    for workers in (1, 3):
        found = joint_front(layers, merit, FEW, MODEL, budget, workers=workers)
        assert len(found) == len(wanted)
        assert np.allclose(rows(found), wanted, rtol=1e-12, atol=0)
        assert found.designs == len(merit) * FEW.space.size
        first = joint_front(layers, merit, FEW, MODEL, budget, only_first=True, workers=workers)
        assert rows(first) == rows(found)[:1]
        assert first.design.tolist() == found.design[:1].tolist()
    own = [metrics["latency_s"][n, d] for n, d in zip(found.network, found.design, strict=True)]
    assert np.allclose(found.latency_s, own, rtol=1e-12, atol=0)


def test_limits_bind_in_these_tests(whole: Any) -> None:
    """Each limit changes the front: a limit not looked at would be seen."""
    _, merit, metrics = whole
    free = front_of(metrics, merit, Budget())
    for shares in ((0.3, 1, 1), (1, 0.5, 1), (1, 1, 0.05)):
        assert front_of(metrics, merit, shared(metrics, *shares)) != free


@pytest.mark.parametrize("seed", range(3))
def test_equal_to_the_sweep_of_each_network(seed: int) -> None:
    layers, family = drawn(1, seed + 10), NahasChipFamily()
    for area in (np.inf, 40.0, 15.0):
        made = tables(layers[0], family, MODEL)
        best = sweep([made], Goal(budgets=(Budget(area),))).answers[0].best
        found = joint_front(layers, np.ones(1), family, MODEL, Budget(area))
        assert found.latency_s[0] == pytest.approx(best.latency_s[0, 0], rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("area", [6.8, 4.8])
def test_equal_to_the_sweep_of_apollo(area: float) -> None:
    """Also a network that fits no PE memory within the area."""
    family = ApolloChipFamily()
    for layers in (drawn(1, 3), find_network("mobilenet-v2-1.0").layers[None]):
        best = sweep([tables(layers[0], family, MODEL)], Goal(budgets=(Budget(area),)))
        found = joint_front(layers, np.ones(1), family, MODEL, Budget(area))
        latency = best.answers[0].best.latency_s[0, 0]
        assert found.latency_s[0] == pytest.approx(latency, rel=1e-12)


def test_a_limit_that_a_design_just_meets_is_met() -> None:
    layers, merit = drawn(3), np.arange(3.0)
    free = joint_front(layers, merit, FEW, MODEL, Budget())
    just = Budget(area_mm2=float(free.area_mm2[0]), latency_s=float(free.latency_s[0]))
    found = joint_front(layers, merit, FEW, MODEL, just)
    assert rows(found)[0] == rows(free)[0]
    assert found.design[0] == free.design[0]


def test_less_merit_must_be_faster_by_more_than_rounding() -> None:
    """A sum in another order that differs in its last bits is no better."""
    record = _Record(np.inf, only_first=False)
    for merit, latency in ((3.0, 1.0), (2.0, 1.0 - 1e-15), (1.0, 1.0 - 1e-9)):
        record.offer(_Row(0, merit, (latency, 5.0, 0, 0)))
    assert [row.merit for row in record.rows] == [3.0, 1.0]


def test_of_equal_merit_the_fastest_and_of_the_same_network_the_first() -> None:
    layers = drawn(6)
    twice = Layers.concatenate([layers, layers])
    found = joint_front(twice, np.ones(12), FEW, MODEL, Budget())
    each = [
        float(joint_front(layers[[i]], np.ones(1), FEW, MODEL, Budget()).latency_s[0])
        for i in range(6)
    ]
    assert len(found) == 1
    assert found.network[0] == int(np.argmin(each))
    assert found.latency_s[0] == min(each)


@pytest.mark.parametrize("budget", [Budget(latency_s=1e-12), Budget(area_mm2=1e-3)])
def test_a_budget_nobody_meets(budget: Budget) -> None:
    found = joint_front(drawn(3), np.arange(3.0), FEW, MODEL, budget)
    assert len(found) == 0
    assert found.designs == 3 * FEW.space.size


def test_merits_must_be_numbers() -> None:
    for merit in (np.array([1.0, np.nan, 0.0]), np.ones(2)):
        with pytest.raises(CosearchError, match="merit: 3 finite numbers"):
            joint_front(drawn(3), merit, FEW, MODEL, Budget())


def test_networks_are_lists_of_layers_that_differ() -> None:
    """Bounds, order and fusion are those of each network; padding may stand anywhere."""
    given = drawn(40)
    listed = NetworkList.of(given)
    assert len(listed.fused) < 40
    for n in range(40):
        wanted = given[n].table(np.int64)
        wanted = wanted[wanted[:, -1] > 0]
        index = listed.index[n][listed.index[n] != NONE]
        assert np.array_equal(listed.layers.table(np.int64)[index], wanted)
        fused = [i > 0 and is_fused(wanted[i], wanted[i - 1]) for i in range(len(wanted))]
        assert listed.fused[index].tolist() == fused
        assert np.array_equal(
            listed.counts(np.array([n]))[0], np.bincount(index, minlength=len(listed.fused))
        )
    assert listed.fused.any()
    assert (given.repeat[:, :-1] == 0).any()  # there is padding in the middle


@pytest.mark.parametrize("frugal", [False, True])
def test_every_setting_left_out_is_beaten(frugal: bool) -> None:
    """Its times are no shorter and its area is no less than those of one that is kept."""
    every_one, tech = off_chip(ApolloChipFamily()), technology(22)
    kept = Settings.worthwhile(every_one, tech, 12, frugal=frugal)
    assert 0 < len(kept.number) < len(every_one.pes)
    assert (np.diff(kept.area_mm2) >= 0).all()
    layers = find_network("mobilenet-v2-1.0").layers[:12]
    chips = ApolloChipFamily().decode(genomes(ApolloChipFamily(), np.arange(840)))
    cost = MODEL(layers, chips[:, None])
    energy = cost.energy_j.sum(axis=-1)
    slow = cost.dram_s + cost.instruction_s
    for f in set(range(840)) - set(kept.number.tolist()):
        no_slower = (slow[kept.number] <= slow[f] * (1 + 1e-12)).all(axis=1)
        no_larger = cost.area_mm2[kept.number, 0] <= cost.area_mm2[f, 0]
        better = no_slower & no_larger
        if frugal:
            better &= energy[kept.number] <= energy[f] * (1 + 1e-12)
        assert better.any()
