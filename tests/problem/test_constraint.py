"""Limits given once: every role of them keeps them, on cost models additive and not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from tests.problem.small_spaces import (
    SPACES,
    everything,
    random_scores,
    random_table,
    score_of,
)

from cosearch.cost.models import find_device
from cosearch.errors import CosearchError, LimitError
from cosearch.families import FAMILIES, NahasChipFamily
from cosearch.families.places import options_of
from cosearch.problem import Limit, Problem
from cosearch.problem.paths import (
    Candidate,
    Constraint,
    PathTable,
    best_pair,
    best_path,
    exact_step,
)
from cosearch.problem.paths.asked import Asked
from cosearch.problem.paths.profile import check_limits, profile
from cosearch.problem.paths.scoring import edge_scores


def constraint(space: str, device: str, **limits: float) -> Constraint:
    found = find_device(device)
    bounds = tuple(Limit(metric, at) for metric, at in limits.items())
    family = SPACES[space]() if space in SPACES else FAMILIES[space].make()
    problem = Problem(family, found.file.columns(), found.model, None, limits=bounds)
    return Constraint.of(problem)


# ---- the table and the model


@pytest.mark.parametrize("device", ["scalesim-32x32-ws", "eyeriss"])
@pytest.mark.parametrize("space", ["stages", "nas-bench-macro"])
def test_the_table_is_the_model_where_that_is_additive(space: str, device: str) -> None:
    made = constraint(space, device)
    genomes = made.problem.space.sample(np.random.default_rng(0), 40)
    metrics, costs = made.problem.model(genomes), made.table.costs(genomes)
    np.testing.assert_allclose(costs[:, 0], metrics["latency_s"], rtol=1e-12)
    np.testing.assert_allclose(costs[:, 1], metrics["energy_j"], rtol=1e-12)
    assert made.table.metrics == ("latency_s", "energy_j", "macs", "params")


@pytest.mark.parametrize(("device", "off"), [("nahas-baseline", 0.02), ("small-edge", 0.25)])
def test_among_others_blocks_cost_nearly_what_they_do_in_networks(device: str, off: float) -> None:
    made = constraint("fbnet", device)
    genomes = made.problem.space.sample(np.random.default_rng(1), 100)
    true = made.problem.model(genomes)["latency_s"]
    among = np.abs(made.table.costs(genomes)[:, 0] / true - 1).max()
    alone = PathTable.of(made.problem.networks, find_device(device)).costs(genomes)[:, 0]
    assert among < off
    assert np.abs(alone / true - 1).max() > 1.2 * among
    expected = sum(
        part[option, 0]
        for part, option in zip(
            made.table.of_places(), options_of(made.problem.networks.chain, genomes).T, strict=True
        )
    )
    np.testing.assert_allclose(expected, made.table.costs(genomes)[:, 0])


# ---- the last step


def off_by(table: PathTable, amount: float, seed: int):
    """A model that is not additive: each network costs the sum, more or less."""
    salt = np.random.default_rng(seed).integers(1, 1000, size=table.graph.space.cardinalities.size)

    def model(genomes: np.ndarray) -> Mapping[str, np.ndarray]:
        costs = table.costs(genomes)
        noise = np.sin(genomes @ salt) * amount
        return {m: costs[:, i] * (1 + noise) for i, m in enumerate(table.metrics)}

    return model


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("amount", [0.0, 0.05, 0.3])
def test_the_last_step_is_the_best_that_truly_meets(name: str, amount: float) -> None:
    rng = np.random.default_rng(17)
    genomes = everything(name)
    for trial in range(4):
        table = random_table(name, rng, 2, "smooth")
        model = off_by(table, amount, trial)
        scores = random_scores(table.graph.space, rng, ("smooth", "ties")[trial % 2])
        true = np.stack([model(genomes)[m] for m in table.metrics], axis=1)
        share = (0.5, 0.2, 0.02)[trial % 3] if trial < 3 else 0.0
        at = np.quantile(true, share, axis=0) * (0.8 if share == 0 else 1.0)
        limits = dict(zip(table.metrics, at.tolist(), strict=True))
        step = exact_step(table, scores, limits, model)
        excess = np.maximum(true / at - 1, 0).sum(axis=1)
        chosen = np.flatnonzero((genomes == step.genome).all(axis=1))[0]
        assert step.violation == pytest.approx(excess[chosen], abs=1e-12)
        assert step.met == (excess.min() == 0)
        assert list(step.metrics.values()) == pytest.approx(true[chosen].tolist())
        if step.met and step.certain:
            best = score_of(table.graph.space, scores, genomes[excess == 0]).max()
            assert step.score == pytest.approx(best, abs=1e-9)
        assert step.certain
        if not step.met:
            assert step.violation == pytest.approx(excess.min(), abs=1e-9)


def test_the_tables_limits_are_wide_enough() -> None:
    table = random_table("stages", np.random.default_rng(0), 1, "smooth")
    model = off_by(table, 0.3, 1)
    genomes = everything("stages")
    true, costs = model(genomes)["m0"], table.costs(genomes)[:, 0]
    limit = float(np.median(true))
    asked = Asked(table, edge_scores(table, None), {"m0": limit}, model, 4096, 0)
    wide, tight = asked.scaled(0.0)["m0"], asked.scaled(1.0)["m0"]
    assert (costs[true <= limit] <= wide * 1.01).all()
    assert (true[costs <= tight] <= limit * 1.01).all()
    assert tight < limit < wide


def test_the_best_pair_of_chip_and_network() -> None:
    rng = np.random.default_rng(2)
    genomes, space = everything("stages"), SPACES["stages"]().space
    scores = random_scores(space, rng, "smooth")
    tables = [random_table("stages", rng, 1, "smooth") for _ in range(4)]
    chips = [0.3, 0.0, 1.0, -0.5]
    limit = float(np.quantile(tables[0].costs(genomes), 0.1))
    wanted = []
    for chip, table in zip(chips, tables, strict=True):
        met = table.costs(genomes)[:, 0] <= limit
        wanted.append(chip + max(score_of(space, scores, genomes[met]), default=-np.inf))
    candidates = [
        Candidate(chip, table, off_by(table, 0.0, 0))
        for chip, table in zip(chips, tables, strict=True)
    ]
    which, step = best_pair(candidates, scores, {"m0": limit})
    assert which == int(np.argmax(wanted))
    assert chips[which] + step.score == pytest.approx(max(wanted))
    none, step = best_pair(candidates, scores, {"m0": 1e-6})
    least = [best_path(table, None, {"m0": 1e-6}).violation for table in tables]
    assert not step.met
    assert none == int(np.argmin(least))


# ---- its roles


def test_a_limit_on_area_is_the_chips() -> None:
    made = constraint("stages", "small-edge", latency_s=1.0, area_mm2=0.5)
    step = made.final(None)
    assert not step.met
    with pytest.raises(LimitError, match=r"area_mm2 2.196 mm² \(limit 0.5 mm²\), violation 3.39"):
        made.required(step)


@pytest.mark.parametrize("device", ["scalesim-32x32-ws", "nahas-baseline"])
def test_all_roles_keep_the_limits(device: str) -> None:
    free = constraint("stages", device)
    metrics = free.problem.model(everything("stages"))
    at = {m: float(np.quantile(metrics[m], 0.3)) for m in ("latency_s", "energy_j")}
    made = constraint("stages", device, **at)
    met = np.all([metrics[m] <= limit for m, limit in at.items()], axis=0)
    assert np.array_equal(made.filter(everything("stages")), met)
    drawn = made.sampler(np.random.default_rng(0), 300)
    assert drawn.shape == (300, 13)
    assert made.filter(drawn).all()
    assert len(np.unique(drawn, axis=0)) > 0.4 * min(300, met.sum())
    step = made.required(made.final(None))
    assert made.filter(step.genome[None]).all()
    assert step.certain
    _, violations = made.reward({**metrics, "accuracy": np.zeros(len(met))})
    assert np.array_equal(violations == 0, met)


def test_problems_without_a_table_are_refused() -> None:
    found = find_device("small-edge")
    joint = Problem(SPACES["stages"](), NahasChipFamily(), found.model, None)
    with pytest.raises(CosearchError, match="chip is searched too"):
        Constraint.of(joint)
    nasnet = Problem(FAMILIES["nasnet"].make(), found.file.columns(), found.model, None)
    with pytest.raises(CosearchError, match="'nasnet' is no chain of blocks"):
        Constraint.of(nasnet)


# ---- the profile


@pytest.mark.parametrize("device", ["scalesim-32x32-ws", "small-edge"])
def test_the_profile_is_of_the_whole_space(device: str) -> None:
    every = everything("stages")
    free = constraint("stages", device)
    latency = free.problem.model(every)["latency_s"]
    limit = float(np.quantile(latency, 0.4))
    made = constraint("stages", device, latency_s=limit)
    found = profile(made)
    row = {row.metric: row for row in found.rows}["latency_s"]
    assert row.exact  # so small a network's layers leave each other room on either
    assert row.least == pytest.approx(latency.min(), rel=1e-12)
    assert row.most == pytest.approx(latency.max(), rel=1e-12)
    assert row.median == pytest.approx(np.median(latency), rel=0.2)
    assert row.within == pytest.approx(0.4, abs=0.05)
    assert found.reachable
    check_limits(found, made)
    assert "the limits can be met" in found.lines()["limits"]


def test_a_limit_out_of_reach_is_told_before_training() -> None:
    made = constraint("stages", "small-edge", latency_s=1e-9)
    found = profile(made)
    assert not found.reachable
    assert found.within == 0
    with pytest.raises(LimitError, match="no design meets the limits; the nearest"):
        check_limits(found, made)
