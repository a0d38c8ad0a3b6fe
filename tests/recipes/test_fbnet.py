"""FBNet from images to files: limits kept by construction, a killed run goes on exactly."""

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

from cosearch.errors import CosearchError, LimitError
from cosearch.families import sized
from cosearch.families.places import options_of, places_of
from cosearch.problem import Limit, Problem
from cosearch.problem.paths import PathTable
from cosearch.recipes.fbnet.chosen import candidates
from cosearch.recipes.fbnet.expected import additive
from cosearch.recipes.fbnet.searched import table_of
from cosearch.recipes.fbnet.settings import FbnetSettings
from cosearch.recipes.trained.target import find_target
from cosearch.testing.check_limits import check_limits

FAMILY = sized("nas-bench-macro", (1, 8, 8), 10, width=0.1)
TARGET = find_target("small-edge")  # whose layers share a memory: costs do not add up
SMALL = FbnetSettings(
    space="nas-bench-macro", width=0.1, images=200, supernet_epochs=3, epochs=1, samples=3
)
run = partial(runs.run, "fbnet")


def random_logs(rng: np.random.Generator) -> list[np.ndarray]:
    return [np.log(rng.dirichlet(np.ones(len(p.options)))) for p in places_of(FAMILY.chain)]


@pytest.mark.parametrize(
    ("on", "limits"),
    [("tpu-v3", 10), ("small-edge", 5), pytest.param("small-edge", 100, marks=pytest.mark.slow)],
)
def test_limits_are_kept(on: str, limits: int) -> None:
    target = find_target(on)
    table = table_of(target, FAMILY)

    def search(problem: Problem, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        found = candidates(problem, table, random_logs(rng), 4, rng)
        assert (problem.violations(problem.model(found.genomes)) == 0).all()
        return found.genomes[0]

    model = target.device.model
    met = check_limits(search, FAMILY, model, target.device.file.columns(), limits=limits)
    assert met > limits / 5


def test_the_first_candidate_is_the_most_probable_within_the_limit() -> None:
    """Held against all 6,561 networks, on a device whose costs do not add up."""
    every = np.stack(np.unravel_index(np.arange(3**8), (3,) * 8), axis=1)
    free = TARGET.problem(FAMILY)
    latency_s = free.model(every)["latency_s"]
    for seed in range(2):
        rng = np.random.default_rng(seed)
        logs = random_logs(rng)
        limit = float(np.quantile(latency_s, 0.1 + 0.3 * seed))
        problem = TARGET.problem(FAMILY, limits=(Limit("latency_s", limit),))
        found = candidates(problem, table_of(TARGET, FAMILY), logs, 2, rng)
        options = options_of(FAMILY.chain, every)
        scores = np.sum([log[options[:, i]] for i, log in enumerate(logs)], axis=0)
        best = np.where(latency_s <= limit, scores, -np.inf).max()
        assert found.log_probabilities[0] == pytest.approx(best)
        assert found.certain
        assert (np.unique(found.genomes, axis=0, return_counts=True)[1] == 1).all()


def test_added_latencies_are_the_models_where_it_adds_up_and_near_elsewhere() -> None:
    exact = find_target("tpu-v3")
    problem = exact.problem(FAMILY)
    of_layers = additive(problem, PathTable.in_context(FAMILY, exact.device))
    genomes = FAMILY.space.sample(np.random.default_rng(3), 20)
    options = options_of(FAMILY.chain, genomes)
    added = np.sum([s[options[:, i]] for i, s in enumerate(of_layers.options_s)], axis=0)
    assert added == pytest.approx(problem.model(genomes)["latency_s"])
    assert of_layers.error == 0.0
    alone = PathTable.of(FAMILY, TARGET.device, ("latency_s",))
    fitted = additive(TARGET.problem(FAMILY), alone)
    assert 0.0 < fitted.error < 0.35  # blocks alone are three times off
    assert fitted.fixed_s > 0
    assert all((s >= 0).all() for s in fitted.options_s)


# ---- the whole recipe


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    path = tmp_path_factory.mktemp("runs") / "fbnet"
    return path, run(path, SMALL)


def test_what_is_found_is_within_the_limit_by_the_device(small: Any) -> None:
    path, result = small
    genome = FAMILY.space.encode(result["network_choices"])
    latency_s = float(TARGET.problem(FAMILY).model(genome[None])["latency_s"][0])
    assert latency_s * 1e3 == pytest.approx(result["latency_ms"])
    assert result["latency_ms"] <= result["limits"]["latency_ms"]
    for name in ("network.onnx", "network.int8.onnx", "report.html", "result.json"):
        assert (path / name).exists()
    assert len(result["theta"]["entropies"]) == SMALL.supernet_epochs
    page = (path / "report.html").read_text()
    assert "How sure the search is of each layer" in page


def test_a_run_killed_anywhere_ends_as_if_it_had_not_been(small: Any, tmp_path: Path) -> None:
    for phase in ("fbnet", "candidates", "training"):
        with pytest.raises(KilledError):
            run(tmp_path / "killed", SMALL, killing(phase))
    assert steady(run(tmp_path / "killed", SMALL)) == steady(small[1])


def test_a_limit_that_none_meets_ends_the_run_before_any_training(tmp_path: Path) -> None:
    with pytest.raises(LimitError, match="violation"):
        run(tmp_path / "run", replace(SMALL, latency_s=1e-10))
    assert not (tmp_path / "run" / "supernet.pt").exists()


def test_a_space_that_is_not_layer_wise_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CosearchError, match="not layer-wise"):
        run(tmp_path / "run", replace(SMALL, space="mnasnet", width=0.25))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"loss": "plus"}, "loss"),
        ({"paths": 0}, "paths = 0"),
        ({"theta_lr": -1.0}, "theta_lr"),
        ({"samples": -1}, "samples"),
    ],
)
def test_settings_out_of_range_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(CosearchError, match=said):
        replace(SMALL, **change).validate()
