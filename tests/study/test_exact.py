"""The optimizer that passes nothing over, against all designs one by one."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.study.problems import OTHER, SMALL, FewChips
from tests.study.problems import fixed as on_nahas

from cosearch.cost import EdgeModel
from cosearch.cost.sweep.factors import genomes
from cosearch.errors import CosearchError
from cosearch.families import MobileFamily
from cosearch.problem import Goal, Limit, Workloads
from cosearch.search import ranks
from cosearch.study import CERTIFICATE, Study, exact
from cosearch.zoo import find_network

FAMILY = FewChips()


def fixed(*names: str, **changes: Any) -> Any:
    return on_nahas(*names, **{"chips": FAMILY, **changes})


@cache
def everything(*names: str) -> tuple[Any, dict[str, Any]]:
    """Every design, and its metrics by the model itself."""
    all_of_them = genomes(FAMILY, np.arange(FAMILY.space.size))
    return all_of_them, fixed(*names).evaluate(all_of_them)


def by_hand(problem: Any, *names: str) -> Any:
    """All designs, best first."""
    designs, metrics = everything(*names)
    order = np.argsort(ranks(problem.losses(metrics), problem.violations(metrics)), kind="stable")
    return designs[order], {name: column[order] for name, column in metrics.items()}


def limited(*limits: Limit, goal: str = "latency_s") -> Any:
    return fixed(area=None, goals=(Goal(goal),), limits=limits)


PROBLEMS = {
    "latency": fixed(area=10.0),
    "energy": limited(Limit("area_mm2", 10.0), goal="energy_j"),
    "area": limited(Limit("latency_s", 2e-4), goal="area_mm2"),
    "all": limited(Limit("area_mm2", 30.0), Limit("latency_s", 1e-3), Limit("energy_j", 5e-4)),
    "free": fixed(area=None),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_best_are_the_best_of_all(name: str, tmp_path: Path) -> None:
    problem = PROBLEMS[name]
    trials = Study(tmp_path, problem, "exact").run(12)
    _, metrics = by_hand(problem, SMALL)
    goal = problem.goals[0].metric
    assert trials.feasible.all()
    assert len(trials) == 12
    assert trials.metrics[goal] == pytest.approx(metrics[goal][:12], rel=1e-12)
    certificate = json.loads((tmp_path / CERTIFICATE).read_text())
    assert certificate["method"] == "exact sweep"
    assert certificate["designs"] == FAMILY.space.size == 2160
    assert certificate["within_limits"] == (problem.violations(metrics) <= 0).sum()
    assert certificate["model_difference"] < 1e-9


def test_several_workloads_by_their_mean(tmp_path: Path) -> None:
    problem = fixed(SMALL, OTHER, area=10.0)
    trials = Study(tmp_path, problem, "exact").run(5)
    _, metrics = by_hand(problem, SMALL, OTHER)
    assert trials.metrics["latency_s"] == pytest.approx(metrics["latency_s"][:5], rel=1e-12)


def test_where_nothing_meets_the_limits_the_nearest_is_certain(tmp_path: Path) -> None:
    problem = limited(Limit("area_mm2", 1e-3), Limit("latency_s", 1e-6))
    trials = Study(tmp_path, problem, "exact").run(10)
    _, metrics = by_hand(problem, SMALL)
    assert len(trials) == 1
    assert trials.violations[0] == pytest.approx(problem.violations(metrics)[0], rel=1e-12)
    assert json.loads((tmp_path / CERTIFICATE).read_text())["within_limits"] == 0


def test_resumed_it_sweeps_only_for_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = Study(tmp_path, fixed(area=10.0), "exact")
    study.run(6)
    (tmp_path / CERTIFICATE).unlink()  # killed before it was certified
    six = study.run(6)
    nine = study.run(9)
    assert np.array_equal(nine.genomes[:6], six.genomes)
    monkeypatch.setattr("cosearch.study.study.solve", None)
    assert np.array_equal(study.run(9).genomes, nine.genomes)
    assert len(study.run(4)) == 4


def test_tables_that_differ_from_the_model_certify_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exact.tables

    def wrong(*arguments: Any, **options: Any) -> Any:
        right = made(*arguments, **options)
        return replace(right, on_s=right.on_s * (1 + 1e-6), off_s=right.off_s * (1 + 1e-6))

    monkeypatch.setattr(exact, "tables", wrong)
    with pytest.raises(CosearchError, match="sweep and model differ"):
        Study(tmp_path, fixed(), "exact").run(3)
    assert not (tmp_path / CERTIFICATE).exists()


class Whole:
    """Chips by a family that does not say what is off chip."""

    name, source, space, references = "whole", FAMILY.source, FAMILY.space, FAMILY.references
    decode = FAMILY.decode


class NotEdge:
    name = "not-edge"

    def __call__(self, layers, chips):
        return EdgeModel()(layers, chips)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"networks": MobileFamily.for_images(1, 8, 10)},
            "needs fixed workloads, or networks whose accuracies are in a table",
        ),
        ({"chips": Whole()}, "off_chip_knobs"),
        ({"cost_model": NotEdge()}, "the edge model, not 'not-edge'"),
        ({"goals": (Goal("latency_s"), Goal("area_mm2"))}, "a single goal; here are 2"),
        ({"goals": (Goal("area_mm2", maximise=True),)}, "a goal to minimise"),
        ({"reward": "soft"}, "reward 'soft' trades them"),
        ({"limits": (Limit("accuracy", 1.0),)}, "no limit on accuracy"),
        (
            {
                "networks": Workloads((find_network(SMALL), find_network(OTHER))),
                "limits": (Limit("latency_s", 1.0),),
            },
            "no limit on the mean latency_s of several workloads",
        ),
    ],
)
def test_what_it_needs(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(CosearchError, match=message):
        Study(tmp_path, replace(fixed(), **changes), "exact").run(1)


def test_it_takes_nothing_to_start_from(tmp_path: Path) -> None:
    with pytest.raises(CosearchError, match="covers every design"):
        Study(tmp_path, fixed(), "exact", first=np.zeros((1, 7), dtype=np.int64)).run(1)
