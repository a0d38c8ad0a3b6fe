"""NAHAS one-shot: the most probable pair within limits, costs as learnt, killed runs."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.kills import KilledError, killing
from tests.recipes import runs
from tests.recipes.runs import steady

from cosearch.cost import EdgeModel
from cosearch.errors import CosearchError, LimitError
from cosearch.families import MobileFamily, NahasChipFamily, sized
from cosearch.families.mobile import Stage
from cosearch.problem import Limit, Problem
from cosearch.progress import silent
from cosearch.recipes.nahas.one_shot import final
from cosearch.recipes.nahas.one_shot.costs import costs_for
from cosearch.recipes.nahas.one_shot.final import most_probable_pair
from cosearch.recipes.nahas.one_shot.learnt import mixed
from cosearch.recipes.nahas.settings import NahasSettings

FAMILY = MobileFamily(
    (1, 8, 8),
    10,
    stem_width=4,
    stages=(Stage((4, 8), (1, 2), 1),),
    expansions=(2,),
    head_width=16,
)
FREE = Problem(FAMILY, NahasChipFamily(), EdgeModel(), None)
SMALL = NahasSettings(method="one-shot", supernet_epochs=2, epochs=1)
run = partial(runs.run, "nahas")


def random_logs(rng: np.random.Generator, sharp: float = 1.0) -> list[np.ndarray]:
    sizes = FREE.space.cardinalities
    return [np.log(rng.dirichlet(np.full(n, sharp)) + 1e-9) for n in sizes]


def limited(rng: np.random.Generator) -> Problem:
    """Random limits on latency and area, met by few of all designs or none."""
    known = FREE.model(FREE.space.sample(np.random.default_rng(9), 256))
    runs = np.isfinite(known["latency_s"])
    limits = [
        Limit(name, float(np.quantile(known[name][runs], rng.uniform(0.02, 0.5))))
        for name in ("latency_s", "area_mm2")
    ]
    return replace(FREE, limits=tuple(limits))


def test_limits_are_kept_by_network_and_chip_together() -> None:
    rng = np.random.default_rng(0)
    kept = 0
    for _ in range(2):
        problem = limited(rng)
        pair = most_probable_pair(problem, random_logs(rng), silent)
        if not pair.step.met:
            continue
        design = np.concatenate([pair.step.genome, pair.chip])[None]
        assert problem.violations(problem.model(design))[0] == 0
        kept += 1
    assert kept >= 1


def test_the_pair_is_the_most_probable_of_all() -> None:
    """Held against every network on the three hundred most probable chips."""
    rng = np.random.default_rng(1)
    problem, logs = limited(rng), random_logs(rng, sharp=0.1)
    pair = most_probable_pair(problem, logs, silent)
    networks, chips = FAMILY.space, NahasChipFamily().space
    choices = networks.cardinalities
    every = np.stack(np.unravel_index(np.arange(choices.prod()), choices), 1)
    every = np.unique(networks.canonical(every), axis=0)
    sizes = chips.cardinalities
    all_chips = np.stack(np.unravel_index(np.arange(sizes.prod()), sizes), 1)
    scores = np.sum([log[all_chips[:, i]] for i, log in enumerate(logs[len(networks) :])], 0)
    active = networks.active(every)
    of_network = np.sum(
        [np.where(active[:, i], logs[i][every[:, i]], 0) for i in range(len(networks))], 0
    )
    best = -np.inf
    for chip in np.argsort(-scores)[:300]:
        joint = np.concatenate([every, np.tile(all_chips[chip], (len(every), 1))], 1)
        fits = problem.violations(problem.model(joint)) == 0
        best = max(best, np.where(fits, of_network + scores[chip], -np.inf).max())
    assert pair.certain
    assert pair.log_probability == pytest.approx(best)


def test_a_policy_that_is_sure_of_hopeless_chips_fails_no_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its eight most probable chips are the slowest there are; others carry a network."""
    monkeypatch.setattr(final, "MOST", 8)
    designs = FREE.space.sample(np.random.default_rng(9), 256)
    latency_s = FREE.model(designs)["latency_s"]
    slowest = designs[np.nanargmax(np.where(np.isfinite(latency_s), latency_s, np.nan))]
    limit_s = float(np.quantile(latency_s[np.isfinite(latency_s)], 0.1))
    logs = [
        np.where(np.arange(n) == value, 0.0, -50.0)
        for n, value in zip(FREE.space.cardinalities, slowest, strict=True)
    ]
    problem = replace(FREE, limits=(Limit("latency_s", limit_s),))
    pair = most_probable_pair(problem, logs, silent)
    design = np.concatenate([pair.step.genome, pair.chip])[None]
    assert pair.step.met
    assert problem.violations(problem.model(design))[0] == 0
    assert pair.chips > 8  # the first eight did not do
    assert not pair.certain


def test_what_none_meets_says_by_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(final, "MOST", 8)
    problem = replace(FREE, limits=(Limit("latency_s", 1e-12),))
    pair = most_probable_pair(problem, random_logs(np.random.default_rng(0)), silent)
    with pytest.raises(LimitError, match=r"latency_s .* \(limit 0.001 ns\), violation"):
        pair.step.required(problem.at_most)


def test_learnt_costs_are_near_the_modelled_ones() -> None:
    costs, about = costs_for("mlp", FREE, seed=0, samples=1500)
    genomes = FREE.space.sample(np.random.default_rng(5), 200)
    true = FREE.model(genomes)["latency_s"]
    runs = np.isfinite(true)
    assert np.median(np.abs(costs(genomes)["latency_s"][runs] / true[runs] - 1)) < 0.25
    assert about["error_of_latency"] < 0.5


@pytest.mark.parametrize(
    ("name", "options"),
    [("nas-bench-macro", (3,) * 8), ("mobile", ()), ("mobiledet", ())],
)
def test_operators_are_mixed_where_they_can_be(name: str, options: tuple[int, ...]) -> None:
    """Of stages that share knobs, or layers that choose their width, they cannot."""
    assert mixed(sized(name, (1, 8, 8), 10)) == options


# ---- the whole recipe


@pytest.mark.slow
def test_a_run_keeps_its_limits_and_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", SMALL)
    for name, at_most in whole["limits"].items():
        assert whole[name] <= at_most
    assert (tmp_path / "whole" / "accelerator.json").exists()
    assert "How sure the policy is" in (tmp_path / "whole" / "report.html").read_text()
    for phase in ("policy", "candidates", "training"):
        with pytest.raises(KilledError):
            run(tmp_path / "killed", SMALL, killing(phase, begun=True))
    assert steady(run(tmp_path / "killed", SMALL)) == steady(whole)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"method": "two-shot"}, "method"),
        ({"reward": "most"}, "reward"),
        ({"cost_model": "gp"}, "cost model"),
        ({"space": "resnet"}, "space"),
        ({"exponent": 0.5}, "exponent = 0.5"),
        ({"cost_model": "mlp", "energy_j": 1e-6}, "no energy"),
        ({"accuracy": "nasbench201"}, "accuracy of the one-shot method"),
    ],
)
def test_settings_out_of_range_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(CosearchError, match=said):
        replace(SMALL, **change).validate()
