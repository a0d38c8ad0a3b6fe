"""Searches by zero-cost proxies: the best score within the limits, called by its name."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.recipes.runs import run, steady

from cosearch.cli.run import nahas_summary, trained_summary
from cosearch.deep.data import load
from cosearch.deep.proxies import PROXIES, ProxyAccuracy
from cosearch.errors import CosearchError
from cosearch.families import MobileFamily, sized
from cosearch.problem import Score
from cosearch.recipes.mnasnet.settings import MnasnetSettings
from cosearch.recipes.nahas.settings import NahasSettings
from cosearch.recipes.scored import SAMPLE
from cosearch.recipes.settings import Settings

MNASNET = MnasnetSettings(
    accuracy="synflow",
    data="digits",
    images=120,
    space="nas-bench-macro",
    width=0.25,
    on="small-edge",
    trials=12,
    batch=4,
    epochs=1,
)
NAHAS = NahasSettings(accuracy="naswot", trials=12, epochs=1)
JOBS = [("mnasnet", MNASNET), ("nahas", NAHAS)]


def rows(study: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (study / "records.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module", params=JOBS, ids=["mnasnet", "nahas"])
def done(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    recipe, settings = request.param
    path = tmp_path_factory.mktemp("runs") / recipe
    return recipe, settings, path, run(recipe, path, settings)


def test_what_is_returned_scores_best_within_the_limits(done: Any) -> None:
    """Every score is worked out again, apart from the search."""
    recipe, settings, path, result = done
    trials = rows(path / ("search" if recipe == "mnasnet" else "joint"))
    assert len(trials) == settings.trials
    data = load("digits")
    if recipe == "mnasnet":
        data = data.trained_on(settings.images)
        family: Any = sized(settings.space, data.shape, 10, width=settings.width)
    else:
        family = MobileFamily.for_images(1, 8, 10)
    again = ProxyAccuracy.of(family, settings.accuracy, data)
    genomes = np.array([row["genome"][: len(family.space)] for row in trials])
    scores = again(genomes)
    assert [row["metrics"][settings.accuracy] for row in trials] == scores.tolist()
    met = np.array([row["violation"] == 0 for row in trials])
    assert result["score"] == {"name": settings.accuracy, "value": scores[met].max()}
    for name, limit in result["limits"].items():
        assert result[name] <= limit


def test_nothing_calls_it_an_accuracy(done: Any) -> None:
    recipe, settings, path, result = done
    assert result.get("validation_accuracy") is None
    assert "validation_accuracy" not in result.get("fixed_accelerator", {})
    assert 0 <= result["test_accuracy_int8"] <= 1  # of the winner, which is trained
    for study in path.glob("*/records.jsonl"):
        if study.parent.name != "limits":
            assert all("accuracy" not in row["metrics"] for row in rows(study.parent))
    page = (path / "report.html").read_text()
    assert f"{settings.accuracy.capitalize()} against latency" in page
    assert f"best feasible {settings.accuracy} so far" in page
    assert "validation accuracy" not in page
    said = io.StringIO()
    summary = trained_summary if recipe == "mnasnet" else nahas_summary
    with redirect_stdout(said):
        summary.print_summary(result, path)
    line = next(line for line in said.getvalue().splitlines() if settings.accuracy in line)
    assert "%" not in line
    assert "validation accuracy" not in said.getvalue()
    assert str(result["score"]["value"])[:4] in said.getvalue()  # rounded or not


@pytest.mark.parametrize(
    "done", [JOBS[0], pytest.param(JOBS[1], marks=pytest.mark.slow)], indirect=True
)
def test_stopped_anywhere_it_goes_on_to_the_same_result(done: Any, tmp_path: Path) -> None:
    recipe, settings, path, whole = done
    reports = 0

    def interrupting(*words: Any) -> None:
        nonlocal reports
        reports += 1
        if reports in (3, 9, 15):
            raise KeyboardInterrupt

    while True:
        try:
            killed = run(recipe, tmp_path / "killed", settings, interrupting)
            break
        except KeyboardInterrupt:
            continue
    assert reports > 15
    assert steady(killed) == steady(whole)
    kept = [sorted(p.name for p in (f / "scores").iterdir()) for f in (path, tmp_path / "killed")]
    assert kept[0] == kept[1]


def test_a_reward_that_expects_a_share_gets_one(tmp_path: Path) -> None:
    """Records hold scores all the same, and the limit holds."""
    settings = replace(MNASNET, reward="soft", exponent=-0.3, accuracy="params", trials=24)
    result = run("mnasnet", tmp_path / "soft", settings)
    told = json.loads((tmp_path / "soft" / "search" / "manifest.json").read_text())["problem"]
    data = load("digits").trained_on(120)
    family = sized(MNASNET.space, data.shape, 10, width=MNASNET.width)
    sample = family.space.sample(np.random.default_rng(0), SAMPLE)
    params = np.array([family.network(genome).params for genome in sample], dtype=float)
    assert told["score"] == Score.against("params", params).describe()
    assert told["reward"] == "soft"
    trials = rows(tmp_path / "soft" / "search")
    assert all(row["metrics"]["params"] >= 100 for row in trials)
    within = [row["metrics"]["params"] for row in trials if row["violation"] == 0]
    assert result["score"]["value"] == max(within) == result["params"]
    assert result["latency_ms"] <= result["limits"]["latency_ms"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (MnasnetSettings(accuracy="synflow"), "accuracy synflow: needs images; name --data"),
        (MnasnetSettings(accuracy="trained"), "accuracy trained: needs images"),
        (replace(MNASNET, accuracy="surrogate"), "accuracy surrogate: predicts without images"),
        (replace(MNASNET, accuracy="synflo"), "unknown accuracy 'synflo'.*did you mean 'synflow'"),
        (replace(NAHAS, accuracy="synflo"), "unknown accuracy 'synflo'.*did you mean 'synflow'"),
        (replace(NAHAS, method="one-shot"), "accuracy of the one-shot method 'naswot'"),
        (replace(NAHAS, chips="apollo"), "unknown chips 'apollo'"),
    ],
)
def test_what_does_not_go_together(settings: Settings, message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        settings.validate()


@pytest.mark.parametrize("name", sorted(PROXIES))
def test_every_proxy_may_be_asked_for(name: str) -> None:
    for settings in (replace(MNASNET, accuracy=name), replace(NAHAS, accuracy=name)):
        settings.validate()
        assert settings.proxy == name
    assert not replace(NAHAS, accuracy=name).tabular


def test_what_a_trial_is_worth() -> None:
    assert MnasnetSettings(accuracy="zen", data="digits").trials_asked == 512
    assert MnasnetSettings(accuracy="trained", data="digits").trials_asked == 32
    assert MnasnetSettings(accuracy="surrogate").trials_asked == 2000
    assert NahasSettings(accuracy="zen").trials_asked == 1000


def test_a_run_beyond_its_limits_says_so(tmp_path: Path) -> None:
    with pytest.raises(CosearchError, match="limit"):
        run("mnasnet", tmp_path / "a", replace(MNASNET, latency_s=1e-9))
    assert not (tmp_path / "a" / "result.json").exists()
