"""MnasNet's search: limits kept, the found network confirmed, runs gone on with."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.recipes import runs
from tests.recipes.runs import steady

from cosearch.accuracy.surrogate import read_surrogate
from cosearch.calibrate.journal import Journal
from cosearch.calibrate.measured_latency import MeasuredLatency
from cosearch.cost.models import find_device
from cosearch.errors import CosearchError, LimitError
from cosearch.families.accel_nasbench import accel_nasbench_family
from cosearch.measure import Settings as Measuring
from cosearch.networks import Layers
from cosearch.recipes.mnasnet import found
from cosearch.recipes.mnasnet.measured import measure_again
from cosearch.recipes.mnasnet.profiled import in_a_line, summary
from cosearch.recipes.mnasnet.settings import MnasnetSettings

SMALL = MnasnetSettings(on="tpu-v3", trials=96, image_size=64)
MEASURED = MnasnetSettings(
    on="onnxruntime", trials=4, batch=4, image_size=32, latency_s=1.0, optimizer="genetic"
)
FAMILY = accel_nasbench_family((3, 32, 32))
run = partial(runs.run, "mnasnet")


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    path = tmp_path_factory.mktemp("runs") / "modelled"
    return path, run(path, SMALL)


def test_the_network_found_is_within_the_limit_by_the_device(modelled: Any) -> None:
    path, result = modelled
    family = accel_nasbench_family((3, 64, 64))
    genome = family.space.encode(result["network_choices"])
    latency_s = find_device("tpu-v3")(family.network(genome).layers).sum(-1).latency_s
    assert float(latency_s) * 1e3 == pytest.approx(result["latency_ms"])
    assert result["latency_ms"] <= result["limits"]["latency_ms"]
    assert result["accuracy"] == read_surrogate("accel-nasbench")(genome[None])[0]
    assert steady(result)["network"] == json.loads((path / "network.json").read_text())
    assert sum(row["time_us"] for row in result["layers"]) == pytest.approx(
        result["latency_ms"] * 1e3
    )


def test_no_trial_within_the_limit_is_better(modelled: Any) -> None:
    path, result = modelled
    lines = (path / "networks" / "records.jsonl").read_text().splitlines()
    rows = [json.loads(line)["metrics"] for line in lines]
    limit = result["limits"]["latency_ms"]
    within = [row["accuracy"] for row in rows if row["latency_s"] * 1e3 <= limit]
    assert result["accuracy"] == max(within)
    assert result["search"]["feasible"] == len(within) > 0
    front = result["front"]
    assert [p["latency_ms"] for p in front] == sorted(p["latency_ms"] for p in front)
    assert [p["accuracy"] for p in front] == sorted(p["accuracy"] for p in front)


def test_the_limit_not_given_is_what_a_quarter_reach(modelled: Any) -> None:
    _, result = modelled
    assert result["profile"]["within"] == pytest.approx(0.25, abs=0.01)
    assert result["profile"]["min_s"] < result["profile"]["median_s"] < result["profile"]["max_s"]


def test_stopped_in_the_search_and_gone_on_with_it_ends_the_same(
    modelled: Any, tmp_path: Path
) -> None:
    def stop(phase: str, done: int, total: int, note: str = "") -> None:
        if phase == "search" and done >= 48:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", SMALL, stop)
    assert not (tmp_path / "run" / "result.json").exists()
    assert steady(run(tmp_path / "run", SMALL)) == steady(modelled[1])


def test_what_the_space_takes_is_said_before_the_search(tmp_path: Path) -> None:
    said: list[tuple[str, str]] = []

    def listen(phase: str, done: int, total: int, note: str = "") -> None:
        said.append((phase, note))

    run(tmp_path / "run", replace(SMALL, trials=16), listen)
    first = next(i for i, (phase, _) in enumerate(said) if phase == "search")
    assert any("median" in note for phase, note in said[:first] if phase == "space")
    line = in_a_line(summary([1e-3, 2e-3, 4e-3], 2e-3))
    assert line == "1 ms to 4 ms, median 2 ms; 67% within 2 ms"


def test_the_soft_reward_looks_beyond_the_limit_but_ends_within(tmp_path: Path) -> None:
    result = run(tmp_path / "run", replace(SMALL, reward="soft", trials=64))
    assert result["latency_ms"] <= result["limits"]["latency_ms"]
    manifest = json.loads((tmp_path / "run" / "networks" / "manifest.json").read_text())
    assert manifest["problem"]["reward"] == "soft"


def test_a_limit_no_network_meets_is_said_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(LimitError, match=r"no design of .* tried meets the limits; the nearest"):
        run(tmp_path / "run", replace(SMALL, latency_s=1e-9))


# ---- measured


def test_measured_in_the_search_and_again_in_a_fresh_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found, "MEASURED", 1)
    few = replace(MEASURED, trials=2, batch=2)
    result = run(tmp_path / "run", few)
    (again,) = result["measured_again"]
    assert again["met"]
    assert 0 < again["low_s"] <= again["median_s"] <= again["high_s"] <= 1.0
    assert result["latency_ms"] == again["median_s"] * 1e3
    assert (tmp_path / "run" / "network.onnx").exists()
    lines = (tmp_path / "run" / "measured.jsonl").read_text().splitlines()
    kept = {json.loads(line).get("key") for line in lines}
    assert again["model_sha256"] in kept
    # gone on with, nothing is measured again but the reference workload
    (tmp_path / "run" / "result.json").unlink()
    (tmp_path / "run" / "steps" / "networks.json").unlink()
    once_more = run(tmp_path / "run", few)
    assert steady(once_more) == steady(result)
    assert (tmp_path / "run" / "measured.jsonl").read_text().splitlines() == lines


def taken(*high_s: float) -> Any:
    """A fresh process that finds these, one after another."""
    left = iter(high_s)

    def again(network: Any, on: str, settings: Measuring) -> Any:
        high = next(left)
        return SimpleNamespace(
            median_s=high * 0.9,
            low_s=high * 0.8,
            high_s=high,
            statistics=SimpleNamespace(noise=0.05),
            sha256="",
            model_sha256="",
            versions={},
            device={},
            settings=settings,
        )

    return again


def of_rows(self: MeasuredLatency, networks: Any) -> Any:
    """Latencies without a clock: a nanosecond for a thousand multiplications."""
    from cosearch.cost import Cost

    macs = np.array([float(network.macs) for network in networks])
    return Cost(*(macs * 1e-12 for _ in range(12)))


def test_what_fails_again_gives_way_to_the_next_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MeasuredLatency, "of_networks", of_rows)
    monkeypatch.setattr(found, "measure_again", taken(1.1, 1.001, 1.0))
    result = run(tmp_path / "run", replace(MEASURED, trials=32))
    assert [row["met"] for row in result["measured_again"]] == [False, False, True]
    places = [row["trial"] for row in result["measured_again"]]
    assert result["search"]["best"] == places[-1]
    rows = [
        json.loads(line)["metrics"]["accuracy"]
        for line in (tmp_path / "run" / "networks" / "records.jsonl").read_text().splitlines()
    ]
    best = sorted(set(rows), reverse=True)[:3]
    assert [rows[place] for place in places] == best
    assert "2" in (tmp_path / "run" / "report.html").read_text().split("fresh process: ")[1][:3]


def test_where_none_holds_it_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MeasuredLatency, "of_networks", of_rows)
    monkeypatch.setattr(found, "measure_again", taken(*[1.5] * 8))
    with pytest.raises(LimitError, match=r"none of the best 8 networks met 1 s .* up to 1\.5 s"):
        run(tmp_path / "run", replace(MEASURED, trials=32))


def test_the_search_keeps_a_margin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MeasuredLatency, "of_networks", of_rows)
    monkeypatch.setattr(found, "measure_again", taken(1e-6))
    limited = replace(MEASURED, trials=32, latency_s=1e-5, margin=0.2)
    result = run(tmp_path / "run", limited)
    manifest = json.loads((tmp_path / "run" / "networks" / "manifest.json").read_text())
    assert manifest["problem"]["limits"]["latency_s"] == pytest.approx(0.8e-5)
    assert result["limits"]["latency_ms"] == pytest.approx(1e-2)


def test_a_limit_out_of_reach_is_said_before_the_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MeasuredLatency, "of_networks", of_rows)
    with pytest.raises(LimitError, match="none of 16 networks measured, the smallest among them"):
        run(tmp_path / "run", replace(MEASURED, latency_s=1e-9))
    assert not (tmp_path / "run" / "networks").exists()


def test_rows_cannot_be_measured(tmp_path: Path) -> None:
    model = MeasuredLatency(Journal(tmp_path / "x.jsonl", "onnxruntime", Measuring()))
    layers: Layers = FAMILY.decode(np.zeros((1, 28), dtype=np.int64))
    with pytest.raises(CosearchError, match="needs networks, not rows"):
        model(layers, find_device("tpu-v3").file.columns())  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_fresh_process_measures_int8_too() -> None:
    settings = Measuring(precision="int8", max_noise=10.0)
    again = measure_again(FAMILY.network(np.zeros(28, dtype=np.int64)), "onnxruntime", settings)
    assert again.settings.precision == "int8"
    assert again.median_s > 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"on": "tpu-v9"}, "unknown device or runtime 'tpu-v9'"),
        ({"optimizer": "exact"}, "unknown optimizer 'exact'"),
        ({"reward": "gentle"}, "unknown reward 'gentle'"),
        ({"precision": "int8"}, "is for measuring; device tpu-v3 has its own"),
        ({"on": "onnxruntime", "precision": "int3"}, "precision 'int3'"),
        ({"latency_s": -1.0}, "positive"),
        ({"trials": 0}, "trials = 0: at least 1"),
        ({"image_size": 8}, "image size 8: 32 to 512"),
        ({"margin": 1.0}, "margin 1.0: 0 to below 1"),
    ],
)
def test_settings(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(CosearchError, match=message):
        MnasnetSettings(**changes).validate()


def test_settings_survive_a_manifest() -> None:
    settings = MnasnetSettings(on="onnxruntime", precision="int8", latency_s=0.01)
    assert MnasnetSettings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings
    assert (settings.trials_asked, settings.optimizer_asked) == (128, "p3bo")
    assert (MnasnetSettings().trials_asked, MnasnetSettings().optimizer_asked) == (2000, "genetic")
