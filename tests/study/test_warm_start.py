"""What one study found, known to another: exact where figures hold, a hint where they do not."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.study.problems import OTHER, SMALL, fixed

from cosearch.cost import EdgeModel
from cosearch.errors import CosearchError
from cosearch.families import ApolloChipFamily
from cosearch.problem import Goal, Limit
from cosearch.search import OPTIMIZERS, Prior, RandomSearch, ranks, registry
from cosearch.study import Study


class Listening(RandomSearch):
    """Keeps what it was told; is given as an optimizer by name."""

    told: list[tuple[Any, ...]]
    made: "Listening"

    def __init__(self, space: Any, rng: Any) -> None:
        super().__init__(space, rng)
        self.told, self.priors = [], []
        Listening.made = self

    def tell(self, *heard: Any) -> None:
        self.told.append(heard)

    def learn_from(self, prior: Prior) -> None:
        assert not self.told
        self.priors.append(prior)


@pytest.fixture(autouse=True)
def _named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "OPTIMIZERS", {**OPTIMIZERS, "listening": Listening})


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """48 trials under 20 mm2, of random chips, so that many are beyond."""
    study = Study(tmp_path_factory.mktemp("other"), fixed(), "random", known_limits=False)
    study.run(48)
    return study


def listen(folder: Path, problem: Any, start: Any, **options: Any) -> tuple[Listening, Any]:
    study = Study(folder, problem, "listening", warm_start=start, known_limits=False, **options)
    trials = study.run(32)
    return Listening.made, trials


def test_under_other_limits_trials_are_told_judged_anew_worst_first(
    other: Study, tmp_path: Path
) -> None:
    limits = (Limit("area_mm2", 12.0), Limit("latency_s", 1e-4))
    problem = fixed(area=None, limits=limits)
    listener, trials = listen(tmp_path, problem, other)
    found = other.run(48)
    genomes, losses, violations = listener.told[0]
    assert listener.priors == []
    assert {g.tobytes() for g in genomes} == {g.tobytes() for g in found.genomes}
    again = problem.evaluate(genomes)
    assert np.array_equal(losses, problem.losses(again))
    assert np.array_equal(violations, problem.violations(again))
    assert (violations > 0).sum() > (found.violations > 0).sum()
    assert (np.diff(ranks(losses, violations)) <= 0).all()
    assert len(trials) == 32
    assert len((tmp_path / "records.jsonl").read_text().splitlines()) == 32
    assert len(listener.told) == 2  # what was taken over, then its own batch


def test_rewards_are_told_of_what_was_taken_over(other: Study, tmp_path: Path) -> None:
    listener, _ = listen(tmp_path, fixed(area=12.0, reward="zero"), other)
    losses, violations = listener.told[0][1:]
    assert (violations == 0).all()
    assert 0 < (losses == 0).sum() < len(losses)
    assert (np.diff(losses[:, 0]) <= 0).all()


@pytest.mark.parametrize("change", ["workload", "model"])
def test_of_other_figures_it_is_a_prior(change: str, other: Study, tmp_path: Path) -> None:
    """Their area limit is judged at hand, their latencies are but a hint."""
    limits = (Limit("area_mm2", 12.0), Limit("latency_s", 1e-12))
    name, node = (OTHER, 22) if change == "workload" else (SMALL, 7)
    problem = fixed(name, area=None, limits=limits, cost_model=EdgeModel(node_nm=node))
    listener, _ = listen(tmp_path, problem, other)
    found = other.run(48)
    (prior,) = listener.priors
    assert len(listener.told) == 1
    assert len(prior.genomes) == len(np.unique(found.genomes, axis=0))
    assert np.array_equal(prior.losses[:, 0], found.distinct().metrics["latency_s"])
    area = found.distinct().metrics["area_mm2"]
    assert prior.violations == pytest.approx(np.maximum(area / 12.0 - 1, 0))


def test_several_studies_hints_before_facts(other: Study, tmp_path: Path) -> None:
    related = Study(tmp_path / "related", fixed(OTHER), "random")
    related.run(20)
    listener, _ = listen(tmp_path / "new", fixed(area=12.0), [other, related.folder])
    assert [len(prior.genomes) for prior in listener.priors] == [20]
    assert len(listener.told) == 2
    rows = json.loads((tmp_path / "new" / "manifest.json").read_text())["warm_start"]
    assert [(row["exact"], row["trials"]) for row in rows] == [(True, 48), (False, 20)]


@pytest.mark.parametrize("name", ["genetic", "mbo"])
def test_what_is_known_is_not_proposed_again(name: str, other: Study, tmp_path: Path) -> None:
    trials = Study(tmp_path, fixed(area=12.0), name, warm_start=other, batch=16).run(32)
    known = {genome.tobytes() for genome in other.run(48).genomes}
    assert not known & {genome.tobytes() for genome in trials.genomes}


def test_resumed_without_the_other_it_ends_the_same(other: Study, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(other.folder, source)

    def begin(folder: Path) -> Study:
        return Study(folder, fixed(area=12.0), "genetic", batch=16, warm_start=source)

    begin(tmp_path / "whole").run(64)
    begin(tmp_path / "cut").run(24)
    with (source / "records.jsonl").open("a") as file:  # it may go on meanwhile
        file.write((source / "records.jsonl").read_text().splitlines()[0] + "\n")
    begin(tmp_path / "cut").run(40)
    shutil.rmtree(source)
    begin(tmp_path / "cut").run(64)
    for name in ("records.jsonl", "warm_start.jsonl", "manifest.json"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_another_start_is_another_study(other: Study, tmp_path: Path) -> None:
    Study(tmp_path / "related", fixed(OTHER), "random").run(8)
    study = Study(tmp_path / "new", fixed(area=12.0), "genetic", warm_start=other)
    study.run(32)
    for changed in ((), tmp_path / "related", (other, other)):
        with pytest.raises(CosearchError, match="another study: warm_start differ"):
            replace(study, warm_start=changed).run(40)
    copy = tmp_path / "new" / "warm_start.jsonl"
    copy.write_text("".join(copy.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(CosearchError, match="another study: warm_start differ"):
        study.run(40)
    cold = Study(tmp_path / "cold", fixed(area=12.0), "genetic")
    cold.run(32)
    with pytest.raises(CosearchError, match="another study: warm_start differ"):
        replace(cold, warm_start=other).run(40)


def test_what_cannot_be_taken_over_is_one_line(other: Study, tmp_path: Path) -> None:
    def refused(problem: Any, start: Path) -> str:
        with pytest.raises(CosearchError) as error:
            Study(tmp_path / "new", problem, warm_start=start).run(1)
        assert not (tmp_path / "new" / "manifest.json").exists()
        return str(error.value)

    assert "holds no study" in refused(fixed(), tmp_path / "nowhere")
    apollo = replace(fixed(), chips=ApolloChipFamily())
    assert "is not this problem's" in refused(apollo, other.folder)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text('{"recipe": "nahas"}')
    assert "is not the folder of a study" in refused(fixed(), tmp_path / "run")
    Study(tmp_path / "empty", fixed())._claim()
    assert "has no trials" in refused(fixed(), tmp_path / "empty")


def test_the_other_study_is_left_as_it_is(other: Study, tmp_path: Path) -> None:
    """It may be running: even its torn last line is not ours to cut."""
    source = tmp_path / "source"
    shutil.copytree(other.folder, source)
    with (source / "records.jsonl").open("a") as file:
        file.write('{"trial": 48, "geno')
    before = (source / "records.jsonl").read_bytes()
    Study(tmp_path / "new", fixed(area=12.0), warm_start=source).run(8)
    assert (source / "records.jsonl").read_bytes() == before


def test_other_goals_are_still_facts(other: Study, tmp_path: Path) -> None:
    listener, _ = listen(tmp_path, fixed(goals=(Goal("energy_j"), Goal("latency_s"))), other)
    losses = listener.told[0][1]
    assert losses.shape == (48, 2)
    assert set(losses[:, 0]) == set(other.run(48).metrics["energy_j"])


def test_what_was_learned_of_another_network_helps(tmp_path: Path) -> None:
    """One-sided sign test over 12 seeds, alpha = 0.01: eleven wins."""
    problem, wins = fixed(area=12.0), 0
    related = Study(tmp_path / "related", fixed(OTHER, area=12.0), "genetic", batch=16)
    related.run(160)
    for seed in range(12):
        runs = [
            Study(tmp_path / f"{len(start)}-{seed}", problem, "genetic", seed, 16, warm_start=start)
            for start in ((), (related,))
        ]
        cold, warm = (study.run(32) for study in runs)
        wins += warm.losses[warm.best(), 0] < cold.losses[cold.best(), 0]
    assert wins >= 11
