"""Single paths and evolution: ranges kept, limits kept, runs gone on with."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.kills import KilledError, killing
from tests.recipes import runs
from tests.recipes.runs import steady

from cosearch.deep.data import load
from cosearch.deep.one_shot.spos import SinglePath
from cosearch.deep.qat import Int8Accuracy, Precision
from cosearch.deep.supernet import Supernet, SupernetAccuracy
from cosearch.deep.training import TrainSettings, train
from cosearch.errors import CosearchError, LimitError
from cosearch.families import sized
from cosearch.problem import Limit
from cosearch.recipes.spos.draws import AnyPath, PathsWithin, first_within, paths_for, table_of
from cosearch.recipes.spos.settings import SposSettings
from cosearch.recipes.spos.shared_weights import accuracy_of
from cosearch.recipes.trained.target import find_target

FAMILY = sized("spos", (1, 8, 8), 10, width=0.1)
TARGET = find_target("tpu-v3")  # whose costs add up
SMALL = SposSettings(
    images=128, width=0.1, on="tpu-v3", supernet_epochs=2, epochs=1, trials=40, first=6
)
run = partial(runs.run, "spos")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    path = tmp_path_factory.mktemp("runs") / "spos"
    return path, run(path, SMALL)


def test_what_is_found_is_within_the_limit_by_the_device(small: Any) -> None:
    path, result = small
    genome = FAMILY.space.encode(result["network_choices"])
    latency_s = float(TARGET.problem(FAMILY).model(genome[None])["latency_s"][0])
    assert latency_s * 1e3 == pytest.approx(result["latency_ms"])
    assert result["latency_ms"] <= result["limits"]["latency_ms"]
    for name in ("network.onnx", "network.int8.onnx", "report.html", "result.json"):
        assert (path / name).exists()
    assert result["search"]["supernet_steps"] == 4  # 128 images in batches of 64, twice


def test_networks_are_scored_in_int8_where_asked(small: Any, tmp_path: Path) -> None:
    result = run(tmp_path / "int8", replace(SMALL, scored_in="int8", trials=8))
    assert result["search"]["scored_in"] == "int8"
    data = load("digits").trained_on(128)
    genome = FAMILY.space.encode(result["network_choices"])[None]
    weights = tmp_path / "int8" / "supernet.pt"
    exact, rounded = (accuracy_of(FAMILY, weights, data, p)(genome)[0] for p in ("fp32", "int8"))
    assert result["validation_accuracy"] == rounded
    assert isinstance(accuracy_of(FAMILY, weights, data, "int8"), Int8Accuracy)
    coarse = Int8Accuracy(SupernetAccuracy.of(FAMILY, weights, data), Precision(2, 2))
    assert abs(exact - rounded) < 0.15
    assert coarse(genome)[0] != exact


def test_a_precision_there_is_not() -> None:
    with pytest.raises(CosearchError, match="unknown precision 'int4'"):
        SposSettings(scored_in="int4")


def test_a_run_killed_anywhere_ends_as_if_it_had_not_been(small: Any, tmp_path: Path) -> None:
    path = tmp_path / "killed"
    for phase in ("supernet", "search", "training"):
        with pytest.raises(KilledError):
            run(path, SMALL, killing(phase))
    assert steady(run(path, SMALL)) == steady(small[1])


def test_a_limit_that_none_meets_ends_the_run_before_any_training(tmp_path: Path) -> None:
    with pytest.raises(LimitError, match="violation"):
        run(tmp_path / "run", replace(SMALL, latency_s=1e-9))
    assert not (tmp_path / "run" / "supernet.pt").exists()
    assert not (tmp_path / "run" / "checkpoints").exists()


@pytest.fixture(scope="module")
def ranged() -> tuple[Any, PathsWithin]:
    latency_s = TARGET.problem(FAMILY).model(FAMILY.space.sample(np.random.default_rng(0), 100))
    middle = float(np.median(latency_s["latency_s"]))
    limited = TARGET.problem(FAMILY, limits=(Limit("latency_s", middle),))
    settings = replace(SMALL, paths="0.9:1.1", bins=4)
    paths = paths_for(settings, table_of(TARGET, FAMILY), limited)
    assert isinstance(paths, PathsWithin)
    return limited, paths


def test_paths_never_leave_their_range_and_fill_it(ranged: Any) -> None:
    limited, paths = ranged
    rng = np.random.default_rng(1)
    drawn = np.stack([paths(rng) for _ in range(300)])
    shares = limited.model(drawn)["latency_s"] / limited.limits[0].at_most
    assert shares.min() >= 0.9
    assert shares.max() <= 1.1
    counts = np.histogram(shares, np.linspace(0.9, 1.1, 5))[0]
    assert (counts > 50).all()  # each bin about 75 times, however many networks it has
    anyhow = limited.model(FAMILY.space.sample(rng, 300))["latency_s"] / limited.limits[0].at_most
    assert ((anyhow < 0.9) | (anyhow > 1.1)).any()  # it was a constraint


def test_evolution_begins_within_the_limits(ranged: Any) -> None:
    limited, _ = ranged
    tight = limited.limits[0].at_most * 0.9
    problem = replace(limited, limits=(Limit("latency_s", tight),))
    first = first_within(SMALL, table_of(TARGET, FAMILY), problem)
    assert len(first) > 3
    assert len(np.unique(first, axis=0)) == len(first)
    assert problem.model(first)["latency_s"].max() <= tight


def test_a_step_trains_the_path_drawn_and_no_other_operator() -> None:
    supernet = Supernet(FAMILY)
    before = {name: tensor.clone() for name, tensor in supernet.named_parameters()}
    genome = np.zeros(20, dtype=np.int64)
    settings = TrainSettings(epochs=2, batch=64, threads=1)
    data = load("digits").train.take(torch.arange(64))
    train(SinglePath(supernet, lambda rng: genome), data, settings, seed=0)
    changed = {
        name
        for name, tensor in supernet.named_parameters()
        if not torch.equal(tensor, before[name])
    }
    assert any("|k3|" in name for name in changed)
    others = ("|k5|", "|k7|", "|xception|")
    assert all(any(other in name for name in before) for other in others)
    assert not any(other in name for name in changed for other in others)


def test_uniform_paths_give_every_operator_of_every_layer_its_share() -> None:
    rng = np.random.default_rng(0)
    drawn = np.stack([AnyPath(FAMILY.space)(rng) for _ in range(2000)])
    shares = np.stack([(drawn == choice).mean(axis=0) for choice in range(4)])
    assert np.abs(shares - 0.25).max() < 0.05


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"paths": "1"}, "LOW:HIGH"),
        ({"paths": "1.1:0.9"}, "LOW < HIGH"),
        ({"trials": 0}, "trials = 0"),
    ],
)
def test_bad_settings_are_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(CosearchError, match=said):
        SposSettings(**given)
