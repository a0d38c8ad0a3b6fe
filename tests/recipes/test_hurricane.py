"""Two stages on shared weights, their iterations, and whole runs."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.calibrate.test_lut import Device
from tests.kills import KilledError, killing
from tests.recipes import runs
from tests.recipes.runs import steady

from cosearch.calibrate.lut import build_table
from cosearch.cost.lookup import write_table
from cosearch.deep.data import load
from cosearch.deep.supernet import Supernet
from cosearch.deep.training import TrainSettings
from cosearch.errors import CosearchError, LimitError
from cosearch.families import HurricaneFamily, sized
from cosearch.measure import Settings as Measuring
from cosearch.problem import Limit
from cosearch.progress import silent
from cosearch.recipes.hurricane.scores import by_device, operator_costs
from cosearch.recipes.hurricane.searched import account, make_space
from cosearch.recipes.hurricane.settings import HurricaneSettings
from cosearch.recipes.hurricane.stages import Job, best_scored, fixed, two_stages
from cosearch.recipes.run_folder import RunFolder
from cosearch.recipes.trained.target import find_target

POOL = sized("hurricane", (1, 8, 8), 10, width=0.1)
assert isinstance(POOL, HurricaneFamily)
TARGET = find_target("tpu-v3")
SMALL = HurricaneSettings(
    images=128,
    width=0.1,
    on="tpu-v3",
    supernet_epochs=6,
    epochs=1,
    trials=8,
    first=4,
    alpha=0.2,
    best=2,
)
run = partial(runs.run, "hurricane")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    path = tmp_path_factory.mktemp("runs") / "hurricane"
    return path, run(path, SMALL)


def stage(result: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return next(each for each in result["stages"] if each["name"] == name)


def test_what_is_found_is_of_the_generated_space_and_within_the_limit(small: Any) -> None:
    _, result = small
    chosen = result["network_choices"]
    for layer, operators in result["generated"].items():
        assert chosen[layer] in operators
    genome = POOL.space.encode(chosen)
    latency_s = float(TARGET.problem(POOL).model(genome[None])["latency_s"][0])
    assert latency_s * 1e3 == pytest.approx(result["latency_ms"])
    assert result["latency_ms"] <= result["limits"]["latency_ms"]
    assert [len(operators) for operators in result["generated"].values()] == [2] * 16 + [3] * 4


def test_the_second_stage_keeps_what_the_first_found_in_the_late_layers(small: Any) -> None:
    _, result = small
    late, last = stage(result, "search-late")["choices"], stage(result, "search")["choices"]
    layers = list(last)
    assert [late[name] for name in layers[8:]] == [last[name] for name in layers[8:]]
    assert last == result["network_choices"]


def test_iterations_are_those_that_were_trained(small: Any) -> None:
    path, result = small
    steps = 128 // 64
    assert stage(result, "search-late")["steps"] == 2 * steps  # 0.3 of 6 epochs, rounded
    assert stage(result, "search")["steps"] == 1 * steps  # 0.06 of 6, at least one
    search = result["search"]
    assert search["iterations"] == 3 * steps
    assert search["iterations_of_one_stage"] == 6 * steps
    assert search["iterations_saved"] == 0.5
    for name, epochs in (("supernet-late", 2), ("supernet", 1)):
        kept = torch.load(path / "checkpoints" / f"{name}.pt", weights_only=False)
        assert kept["epoch"] == epochs


def test_iterations_saved_by_hand() -> None:
    found = account([300, 60], 1000)
    assert found == {
        "iterations": 360,
        "iterations_of_one_stage": 1000,
        "iterations_saved": 0.64,
    }


@pytest.mark.slow
def test_a_run_killed_anywhere_ends_as_if_it_had_not_been(small: Any, tmp_path: Path) -> None:
    path = tmp_path / "killed"
    for phase in ("supernet-late", "search-late", "supernet", "search"):
        with pytest.raises(KilledError):
            run(path, SMALL, killing(phase))
    assert steady(run(path, SMALL)) == steady(small[1])


def job_of(tmp_path: Path, settings: HurricaneSettings, limit_s: float = 1.0) -> tuple[Job, Any]:
    """A job about to be staged; a quarter of its images."""
    costs = operator_costs(POOL, by_device(TARGET.device))  # type: ignore[arg-type]
    problem = TARGET.problem(POOL, limits=(Limit("latency_s", limit_s),))
    made = make_space(settings, costs, problem)
    folder = RunFolder(tmp_path, "hurricane", settings)
    training = TrainSettings(epochs=3, batch=32, threads=1)
    data = load("digits").trained_on(64)
    return Job(folder, data, TARGET, made.space.problem, training, silent), made


def test_the_second_stage_goes_on_from_the_first_ones_weights(tmp_path: Path) -> None:
    """What it does not train is as the first left it, to the bit; and it does train the rest."""
    job, made = job_of(tmp_path, replace(SMALL, trials=4, first=2))
    late, last = two_stages(job, made.costs, made.space.alpha)
    before, after = (torch.load(each.weights, weights_only=True) for each in (late, last))
    fresh = Supernet(job.family, seed=0).state_dict()
    chosen = last.found.choices
    trained = 0
    for name, tensor in after.items():
        layer = next((key for key in chosen if name.startswith(f"{key.replace('.', '/')}/")), None)
        number = list(chosen).index(layer) if layer else -1
        if number >= 8 and f"|{chosen[layer]}|" not in name:  # type: ignore[index]
            assert torch.equal(tensor, before[name]), name
            trained += not torch.equal(tensor, fresh[name])
    assert trained > 0  # the first stage had taught other operators of the late layers
    assert any(not torch.equal(after[name], before[name]) for name in after)


def test_the_first_stage_begins_with_the_best_of_every_layer(tmp_path: Path) -> None:
    job, made = job_of(tmp_path, SMALL)
    scores, begun = made.costs.scores(made.space.alpha), best_scored(job, made.costs, 0.2)
    for layer, operator in enumerate(begun.values()):
        assert operator == made.costs.operators[int(np.argmax(scores[layer]))]
    family = fixed(job.family, begun, range(8))
    assert [len(names) for names in family.candidates[:8]] == [1] * 8
    assert family.candidates[8:] == job.family.candidates[8:]


def test_the_best_scored_network_heeds_a_limit_that_binds(tmp_path: Path) -> None:
    free, made = job_of(tmp_path, SMALL)
    first = free.family.space.encode(best_scored(free, made.costs, 0.2))
    latency_s = float(free.problem.model(first[None])["latency_s"][0])
    job, _ = job_of(tmp_path, SMALL, 0.95 * latency_s)
    heeded = job.family.space.encode(best_scored(job, made.costs, 0.2))
    assert float(job.problem.model(heeded[None])["latency_s"][0]) <= 0.95 * latency_s


def test_a_space_that_misses_the_limit_says_by_how_much(tmp_path: Path) -> None:
    """The pool has fast networks; large alphas leave none of them."""
    usual = TARGET.problem(POOL).model(POOL.space.sample(np.random.default_rng(0), 200))
    limit_s = float(usual["latency_s"].min())
    with pytest.raises(LimitError, match=r"generated space meets the limits; .* smaller alpha"):
        run(tmp_path / "run", replace(SMALL, alpha=5.0, latency_s=limit_s))
    assert not (tmp_path / "run" / "checkpoints").exists()


@pytest.mark.slow
def test_a_table_of_measured_operators_is_a_target(tmp_path: Path) -> None:
    """The fake device takes a nanosecond a MAC and 10 us a call: the table's sum is the limit's."""
    path = tmp_path / "table.json"
    table = build_table(POOL, "fake", Measuring(), path, take=Device())
    write_table(path, table)
    settings = replace(SMALL, on=str(path), stages=1, supernet_epochs=1, trials=4, first=2)
    result = run(tmp_path / "run", settings)
    network = POOL.network(POOL.space.encode(result["network_choices"]))
    assert result["latency_ms"] == pytest.approx(22 * 0.01 + network.macs * 1e-6)
    assert result["search"]["iterations_saved"] == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"stages": 3}, "stages = 3"),
        ({"early": 20}, "early = 20"),
        ({"first_share": 0.0}, "first_share = 0"),
        ({"space": "mobile"}, "hurricane makes its own"),
    ],
)
def test_bad_settings_are_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(CosearchError, match=said):
        HurricaneSettings(**given)


def test_a_runtime_takes_a_precision_and_a_device_does_not() -> None:
    HurricaneSettings(on="onnxruntime", precision="int8").validate()
    with pytest.raises(CosearchError, match="precision int8: is for measuring"):
        HurricaneSettings(on="tpu-v3", precision="int8").validate()
    with pytest.raises(CosearchError, match="device or runtime"):
        HurricaneSettings(on="tpu-v33").validate()
    with pytest.raises(CosearchError, match="optimizer"):
        HurricaneSettings(on="onnxruntime", optimizer="genetics").validate()
