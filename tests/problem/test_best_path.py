"""The exact step against looking at every network."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.problem.small_spaces import (
    SPACES,
    everything,
    layers,
    paths_of,
    random_scores,
    random_table,
    score_of,
)

from cosearch.errors import CosearchError
from cosearch.families import FAMILIES, fbnet_family
from cosearch.families.places import options_of, places_of
from cosearch.problem.paths import PathTable, best_path, best_paths

KINDS = ("smooth", "ties", "equal", "zero", "infinite")
CASES = list(itertools.product(SPACES, KINDS, (1, 2, 3)))


def violations(costs: np.ndarray, limits: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        total = np.maximum(costs / limits - 1.0, 0.0).sum(axis=1)
    return np.where(np.isfinite(costs).all(axis=1), total, np.inf)


@pytest.mark.parametrize(("name", "kind", "metrics"), CASES)
def test_equals_brute_force(name: str, kind: str, metrics: int) -> None:
    rng = np.random.default_rng([CASES.index((name, kind, metrics)), 7])
    space, genomes = SPACES[name]().space, everything(name)
    for trial in range(4):
        table = random_table(name, rng, metrics, kind)
        scores = random_scores(space, rng, ("smooth", "ties", "equal", "smooth")[trial])
        costs = table.costs(genomes)
        finite = costs[np.isfinite(costs).all(axis=1)]
        if not len(finite):
            continue
        share = (0.0, -0.2, 0.5, 0.1)[trial]  # of all networks; below 0: none at all
        at = np.quantile(finite, max(share, 0.0), axis=0) * (1.0 if share >= 0 else 0.7)
        limits = np.maximum(at, 1e-3)
        best = best_path(table, scores, dict(zip(table.metrics, limits, strict=True)))
        excess = violations(costs, limits)
        assert best.gap == 0
        assert best.violation == pytest.approx(excess.min(), abs=1e-12)
        chosen = np.flatnonzero((genomes == best.genome).all(axis=1))
        assert len(chosen) == 1, "not a canonical genome of the space"
        assert excess[chosen[0]] == best.violation
        assert list(best.costs.values()) == costs[chosen[0]].tolist()
        assert best.score == pytest.approx(score_of(space, scores, genomes[chosen])[0])
        if best.violation == 0:
            among = score_of(space, scores, genomes[excess == 0])
            assert best.score == pytest.approx(among.max(), abs=1e-9)


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("kind", ["smooth", "ties", "equal"])
def test_all_within_the_limits_come_in_order(name: str, kind: str) -> None:
    rng = np.random.default_rng(3)
    space, genomes = SPACES[name]().space, everything(name)
    table = random_table(name, rng, 2, kind)
    scores = random_scores(space, rng, kind)
    costs = table.costs(genomes)
    limits = np.quantile(costs, 0.6, axis=0)
    found = list(best_paths(table, scores, dict(zip(table.metrics, limits, strict=True))))
    within = (costs <= limits).all(axis=1)
    assert len(found) == within.sum()
    assert len({best.genome.tobytes() for best in found}) == len(found)
    wanted = np.sort(score_of(space, scores, genomes[within]))[::-1]
    np.testing.assert_allclose([best.score for best in found], wanted, atol=1e-9)


def test_a_limit_met_to_the_last_bit_is_met() -> None:
    table = random_table("stages", np.random.default_rng(0), 1, "smooth")
    scores = random_scores(SPACES["stages"]().space, np.random.default_rng(1), "smooth")
    best = best_path(table, scores, {})
    again = best_path(table, scores, {"m0": best.costs["m0"]})
    assert np.array_equal(again.genome, best.genome)
    below = best_path(table, scores, {"m0": np.nextafter(best.costs["m0"], 0)})
    assert below.violation == 0
    assert below.costs["m0"] < best.costs["m0"]
    assert below.score < best.score


def test_places_may_be_scored() -> None:
    family, rng = layers(), np.random.default_rng(5)
    table = random_table("layers", rng, 1, "smooth")
    places, genomes = places_of(family.chain), everything("layers")
    scores = [rng.normal(size=len(place.options)) for place in places]
    options = options_of(family.chain, genomes)
    totals = np.sum([s[o] for s, o in zip(scores, options.T, strict=True)], axis=0)
    costs = table.costs(genomes)[:, 0]
    limit = float(np.median(costs))
    best = best_path(table, scores, {"m0": limit}, per="place")
    assert best.score == pytest.approx(totals[costs <= limit].max())
    parts = table.of_places()
    assert [len(part) for part in parts] == [3, 4, 1, 4]
    np.testing.assert_allclose(
        np.sum([p[o, 0] for p, o in zip(parts, options.T, strict=True)], axis=0), costs
    )


def test_what_is_forbidden_is_not_chosen() -> None:
    table = random_table("layers", np.random.default_rng(0), 1, "smooth")
    space = layers().space
    scores = [np.zeros(size) for size in space.cardinalities]
    scores[0] = np.array([-np.inf, -1.0, -np.inf])
    for limit in (100.0, 1e-9):
        assert best_path(table, scores, {"m0": limit}).genome[0] == 1
    scores[0] = np.full(3, -np.inf)
    with pytest.raises(CosearchError, match="no network is left"):
        best_path(table, scores, {"m0": 1.0})


def test_nothing_runs() -> None:
    paths = paths_of("layers")
    edges = tuple(np.full((len(level.source), 1), np.inf) for level in paths.graph.levels)
    table = PathTable(paths.graph, ("latency_s",), edges, paths.chain)
    best = best_path(table, None, {"latency_s": 1.0})
    assert best.violation == np.inf
    assert len(best.genome) == 5


def test_a_space_without_limits_has_its_best_choices() -> None:
    family = fbnet_family()
    rng = np.random.default_rng(0)
    scores = [rng.normal(size=9) for _ in range(22)]
    best = best_path(PathTable.of(family), scores, {})
    assert best.genome.tolist() == [int(s.argmax()) for s in scores]


@pytest.mark.parametrize(
    ("scores", "limits", "message"),
    [
        ([np.zeros(3)], {}, "1 arrays of scores: 5 are needed"),
        ([np.zeros(4)] * 5, {}, r"'a.kernel' of shape \(4,\): \(3,\)"),
        ([np.array([0, np.nan, 0])] * 5, {}, "nan"),
        (None, {"m9": 1.0}, "unknown metric of the table 'm9'"),
        (None, {"m0": 0.0}, "limit on m0 = 0.0: a positive number"),
    ],
)
def test_bad_questions_are_refused(scores, limits, message: str) -> None:
    table = random_table("layers", np.random.default_rng(0), 1, "smooth")
    with pytest.raises(CosearchError, match=message):
        best_path(table, scores, limits)


@pytest.mark.parametrize("name", ["nas-bench-macro", "mobile", "spos"])
def test_the_table_is_the_sum(name: str) -> None:
    family = FAMILIES[name].make()
    genomes = family.space.sample(np.random.default_rng(0), 30)
    costs = PathTable.of(family).costs(genomes)
    networks = [family.network(genome) for genome in genomes]
    assert costs.tolist() == [[network.macs, network.params] for network in networks]
