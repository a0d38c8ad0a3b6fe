"""A score in the place of an accuracy: ranked by its own value, rewarded by a share made of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cosearch.cost import EdgeModel
from cosearch.errors import CosearchError
from cosearch.families import MobileFamily
from cosearch.hardware import find_chip
from cosearch.problem import Limit, Problem, Score
from cosearch.study import Study

SAMPLE = np.array([-30.0, -20.0, -10.0, 0.0, 10.0])  # quartiles -20, -10, 0


class Scored:
    """As a proxy: large, of either sign, and without end for some."""

    price = "nothing"

    def __call__(self, genomes: np.ndarray) -> np.ndarray:
        sums = genomes.sum(axis=1)
        return np.where(sums % 5 == 0, -np.inf, 3.0 * sums - 70)


def problem(**changes: Any) -> Problem:
    chip = find_chip("nahas-baseline").columns()
    limited = Problem(
        MobileFamily.for_images(1, 8, 10),
        chip,
        EdgeModel(),
        Scored(),
        limits=(Limit("latency_s", 4e-6),),
        score=Score("naswot"),
    )
    return replace(limited, **changes)


def test_quality_is_a_share_in_the_order_of_the_scores() -> None:
    score = Score.against("naswot", SAMPLE)
    assert (score.middle, score.spread) == (-10.0, 20.0)
    scores = np.array([-1e9, -50.0, -10.0, 10.0, 50.0, 1e9])
    found = score.quality(scores)
    assert found[2:4].tolist() == [0.5, 0.75]
    assert ((found > 0) & (found < 1)).all()
    assert (np.diff(found) > 0).all()
    assert np.isnan(score.quality(np.array([np.inf, -np.inf, np.nan]))).all()


def test_what_is_not_finite_is_no_part_of_the_sample() -> None:
    with_more = Score.against("zen", np.concatenate([SAMPLE, [-np.inf, np.nan]]))
    assert with_more == Score.against("zen", SAMPLE)


@pytest.mark.parametrize("sample", [[], [-np.inf], [3.0] * 9, [1.0, 2, 2, 2, 2, 2, 3]])
def test_scores_that_do_not_differ_make_no_reward(sample: list[float]) -> None:
    with pytest.raises(CosearchError, match="naswot: is the same for most"):
        Score.against("naswot", np.array(sample))


def test_losses_are_of_the_score_and_rewards_of_its_quality() -> None:
    metrics = {
        "accuracy": np.array([-40.0, 55.0, 10.0, np.nan]),
        "latency_s": np.array([2e-6, 8e-6, 4e-6, 1e-6]),
        "energy_j": np.ones(4),
        "area_mm2": np.ones(4),
    }
    ranked = problem()
    assert ranked.losses(metrics)[:, 0].tolist() == [40.0, -55.0, -10.0, np.inf]
    assert ranked.told(metrics)[1].tolist() == [0.0, 1.0, 0.0, 0.0]
    score = Score.against("naswot", SAMPLE)
    soft = problem(reward="soft", exponent=-0.5, score=score)
    losses, violations = soft.told(metrics)
    by_hand = score.quality(metrics["accuracy"]) * (metrics["latency_s"] / 4e-6) ** -0.5
    assert losses[:3, 0] == pytest.approx(-by_hand[:3])
    assert violations.tolist() == [0.0, 0.0, 0.0, np.inf]
    assert soft.losses(metrics)[:3].tolist() == ranked.losses(metrics)[:3].tolist()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reward": "soft"}, "reward 'soft' needs a share, and naswot is none"),
        ({"reward": "absolute"}, "reward 'absolute' needs a share"),
        ({"limits": (Limit("accuracy", 0.5),)}, "limit on accuracy: there is none, only naswot"),
    ],
)
def test_what_makes_no_sense_of_a_score(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        problem(**changes)


@pytest.mark.parametrize("name", ["", "accuracy", "latency_s"])
def test_a_score_has_a_name_of_its_own(name: str) -> None:
    with pytest.raises(CosearchError, match="needs a name that no metric has"):
        Score(name)


def test_records_have_it_under_its_name_and_a_study_goes_on(tmp_path: Path) -> None:
    whole = Study(tmp_path / "whole", problem(), "genetic", batch=8).run(24)
    Study(tmp_path / "parts", problem(), "genetic", batch=8).run(11)
    again = Study(tmp_path / "parts", problem(), "genetic", batch=8).run(24)
    lines = [(tmp_path / n / "records.jsonl").read_text() for n in ("whole", "parts")]
    assert lines[0] == lines[1]
    rows = [json.loads(line)["metrics"] for line in lines[0].splitlines()]
    assert all("naswot" in row and "accuracy" not in row for row in rows)
    assert any(row["naswot"] is None for row in rows)
    assert np.array_equal(whole.losses, again.losses)
    best = whole.best()
    met = [row["naswot"] for row in rows if row["latency_s"] <= 4e-6 and row["naswot"] is not None]
    assert whole.metrics["accuracy"][best] == max(met)


def test_another_score_is_another_study(tmp_path: Path) -> None:
    Study(tmp_path / "a", problem(), "random").run(4)
    for other in (Score("zen"), None):
        with pytest.raises(CosearchError, match="holds another study: problem differ"):
            Study(tmp_path / "a", problem(score=other), "random").run(8)


def test_trials_ranked_otherwise_are_not_taken_over(tmp_path: Path) -> None:
    Study(tmp_path / "a", problem(), "random").run(4)
    Study(tmp_path / "b", problem(), "random", warm_start=tmp_path / "a").run(4)
    with pytest.raises(CosearchError, match="ranks its networks by naswot, this problem by zen"):
        Study(tmp_path / "c", problem(score=Score("zen")), "random", warm_start=tmp_path / "a").run(
            4
        )


def test_optuna_sees_its_name(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    study = Study(tmp_path / "a", problem(), "random")
    study.run(6)
    seen = study.to_optuna()
    assert seen.metric_names == ["naswot", "latency_s"]
    assert all("accuracy" not in trial.user_attrs for trial in seen.trials)
