"""The exact joint optimum as an optimizer, against all designs one by one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.cost.few_chips import FewChips

from cosearch.accuracy import Memoised, TabularAccuracy
from cosearch.cost import EdgeModel
from cosearch.errors import CosearchError, LimitError
from cosearch.families.nas_bench_macro import nas_bench_macro_family
from cosearch.networks import Layers, Network
from cosearch.problem import Goal, Limit, Problem
from cosearch.space import Space
from cosearch.study import CERTIFICATE, Study, nesting, solve

CHIPS = FewChips(((1, 2), (1, 2), (0, 3), (1,), (1, 4), (2, 4), (0, 2), (2,), (1, 3), (0, 5)))
ACCURACY = TabularAccuracy(
    "made up", "here", (3, 3), np.array([0.5, 0.6, 0.6, 0.7, 0.9, 0.8, 0.8, 0.85, 0.9])
)


@dataclass(frozen=True)
class FewNetworks:
    """Two layers of NAS-Bench-Macro are free."""

    whole: Any = field(default_factory=nas_bench_macro_family)
    name: str = "few"
    source: str = "here"

    @property
    def space(self) -> Space:
        return Space(self.whole.space.knobs[:2])

    @property
    def references(self) -> dict[str, Any]:
        return {}

    def _all(self, genomes: Any) -> Any:
        return np.concatenate([genomes, np.ones((len(genomes), 6), dtype=np.int64)], axis=1)

    def decode(self, genomes: Any) -> Layers:
        return self.whole.decode(self._all(genomes))

    def network(self, genome: Any) -> Network:
        return self.whole.network(self._all(genome[None])[0])


def joint(*limits: Limit, **changes: Any) -> Problem:
    return Problem(
        **{
            "networks": FewNetworks(),
            "chips": CHIPS,
            "cost_model": EdgeModel(),
            "accuracy": ACCURACY,
            "limits": limits,
            **changes,
        }
    )


@cache
def everything() -> Any:
    """All genomes and their metrics."""
    space = joint().space
    genomes = np.stack(np.unravel_index(np.arange(space.size), space.cardinalities), axis=1)
    return genomes, joint().evaluate(genomes)


def quantile(metric: str, share: float) -> Limit:
    return Limit(metric, float(np.quantile(everything()[1][metric], share)) * (1 + 1e-7))


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("shares", [{}, {"area_mm2": 0.3}, {"area_mm2": 0.5, "latency_s": 0.05}])
def test_the_best_is_the_best_of_all(
    shares: dict[str, float], wrapped: bool, tmp_path: Path
) -> None:
    limits = [quantile(metric, share) for metric, share in shares.items()]
    problem = joint(*limits, accuracy=Memoised(ACCURACY) if wrapped else ACCURACY)
    found = Study(tmp_path, problem, "exact").run(3)
    _, metrics = everything()
    meets = problem.violations(metrics) <= 0
    accuracy = metrics["accuracy"][meets].max()
    latency = metrics["latency_s"][meets & (metrics["accuracy"] == accuracy)].min()
    assert len(found) == 1
    assert found.feasible.all()
    assert found.metrics["accuracy"][0] == accuracy
    assert found.metrics["latency_s"][0] == pytest.approx(latency, rel=1e-12)
    certificate = json.loads((tmp_path / CERTIFICATE).read_text())
    assert certificate["method"] == "exact nesting"
    assert certificate["designs"] == problem.space.size == len(meets)
    assert certificate["model_difference"] < 1e-9
    again = Study(tmp_path, problem, "exact").run(3)  # resumed: nothing is left to do
    assert np.array_equal(again.genomes, found.genomes)


def test_a_limit_nobody_meets_is_certain(tmp_path: Path) -> None:
    fastest = everything()[1]["latency_s"].min()
    problem = joint(Limit("latency_s", float(fastest) * 0.99))
    with pytest.raises(LimitError, match=r"none of all 2,304 designs meets.*the fastest takes"):
        Study(tmp_path, problem, "exact").run(1)
    with pytest.raises(LimitError, match="no chip is so small"):
        Study(tmp_path / "b", joint(Limit("area_mm2", 1e-3)), "exact").run(1)


def test_figures_that_differ_from_the_model_certify_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = nesting.joint_front

    def wrong(*arguments: Any, **options: Any) -> Any:
        right = made(*arguments, **options)
        return replace(right, latency_s=right.latency_s * (1 + 1e-6))

    monkeypatch.setattr(nesting, "joint_front", wrong)
    with pytest.raises(CosearchError, match="nesting and model differ"):
        Study(tmp_path, joint(), "exact").run(1)
    assert not (tmp_path / CERTIFICATE).exists()


class Trained:
    """Accuracies that are no table."""

    price = "an hour"

    def __call__(self, genomes: Any) -> Any:
        return np.ones(len(genomes))


class Whole:
    """Chips by a family that does not say what is off chip."""

    name, source, space, references = "whole", CHIPS.source, CHIPS.space, CHIPS.references
    decode = CHIPS.decode


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"accuracy": Trained()}, "networks whose accuracies are in a table"),
        ({"goals": (Goal("latency_s"),)}, "the goals accuracy, then latency"),
        ({"limits": (Limit("accuracy", 1.0),)}, "no limit on accuracy"),
        ({"limits": (Limit("area_mm2", 9.0),), "reward": "soft"}, "reward 'soft' trades them"),
        ({"chips": Whole()}, "off_chip_knobs"),
    ],
)
def test_what_it_needs(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        solve(joint(**changes), top=1)
