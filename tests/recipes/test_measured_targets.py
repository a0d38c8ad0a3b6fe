"""Recipes on targets that are measured: tables and runtimes, the whole network last."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.calibrate.test_lut import Device
from tests.kills import KilledError, killing
from tests.recipes.fresh import answer
from tests.recipes.runs import run, steady

from cosearch.calibrate.journal import steady as device_of
from cosearch.calibrate.lut import build_table
from cosearch.cli.run.trained_summary import print_summary
from cosearch.cost.lookup import write_table
from cosearch.errors import LimitError
from cosearch.families import sized
from cosearch.measure import Settings
from cosearch.measure.device import describe_device
from cosearch.networks import Network
from cosearch.recipes.fbnet.settings import FbnetSettings
from cosearch.recipes.mnasnet.settings import MnasnetSettings
from cosearch.recipes.spos.settings import SposSettings
from cosearch.recipes.trained import again, measured
from cosearch.recipes.trained.target import find_target

FAMILY = sized("nas-bench-macro", (1, 8, 8), 10, width=0.1)
COMMON: dict[str, Any] = {
    "space": "nas-bench-macro",
    "width": 0.1,
    "images": 64,
    "supernet_epochs": 1,
    "epochs": 1,
}
SPOS = SposSettings(**COMMON, trials=40, first=20)
FBNET = FbnetSettings(**COMMON, samples=2)
CHILDREN = MnasnetSettings(**COMMON, data="digits", accuracy="grad_norm", trials=64)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As if measured on this machine: 10 us a block and a nanosecond a MAC."""
    path = tmp_path_factory.mktemp("tables") / "here.json"
    made = build_table(FAMILY, "fake", Settings(), path, take=Device())
    here = {"on": "onnxruntime", "device": device_of(describe_device())}
    write_table(path, replace(made, manifest={**made.manifest, **here}))
    return path


class Slower:
    """A fresh process in which whole networks take `ratio` times the sum of their blocks."""

    def __init__(self, ratio: float) -> None:
        self.ratio = ratio
        self.asked: list[str] = []

    def __call__(self, network: Network, on: str, settings: Settings) -> Any:
        layers = {node.name.rsplit(".", 1)[0] for node in network.nodes if "." in node.name}
        seconds = self.ratio * (len(layers) * 1e-5 + network.macs * 1e-9)
        self.asked.append(on)
        return answer(seconds, settings, wide=0.01)


@pytest.mark.parametrize(
    ("recipe", "settings"), [("spos", SPOS), ("fbnet", FBNET), ("mnasnet", CHILDREN)]
)
def test_what_takes_longer_as_a_whole_gives_way(
    recipe: str,
    settings: Any,
    table: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    truth = Slower(1.6)
    monkeypatch.setattr(again, "measure_again", truth)
    asked = replace(settings, on=str(table))
    with pytest.raises(KilledError):  # after what was measured, before the training
        run(recipe, tmp_path / "run", asked, killing("training"))
    times = len(truth.asked)
    result = run(recipe, tmp_path / "run", asked)
    assert times == len(truth.asked)
    *missed, met = result["measured_again"]
    limit_s = result["limits"]["latency_ms"] * 1e-3
    assert met["high_s"] <= limit_s
    assert all(row["high_s"] > limit_s >= row["predicted_s"] for row in missed)
    genome = FAMILY.space.encode(result["network_choices"])
    assert result["network"] == FAMILY.network(genome).to_dict()
    found = result["latency"]
    assert found["predicted"] == "from the table"
    assert found["measured_on"] == "onnxruntime, fp32"
    model = find_target(str(table)).problem(FAMILY).model
    assert found["predicted_ms"] == pytest.approx(float(model(genome[None])["latency_s"][0]) * 1e3)
    assert result["latency_ms"] == found["measured_ms"]["median"]
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Predicted and measured" in page
    print_summary(result, tmp_path)
    said = " ".join(capsys.readouterr().out.split())
    assert "latency, from the table" in said
    assert "latency, measured" in said
    assert ("over the limit when measured" in said) == bool(missed)
    assert "modelled" not in said


@pytest.mark.slow
def test_where_all_take_too_long_nothing_is_trained(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "measure_again", Slower(50.0))
    with pytest.raises(LimitError, match=r"networks kept .*% over"):
        run("spos", tmp_path / "run", replace(SPOS, on=str(table), trials=12, first=12))
    assert not (tmp_path / "run" / "network.pt").exists()


def test_a_table_of_elsewhere_is_taken_at_its_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "there.json"
    build_table(FAMILY, "fake", Settings(), path, take=Device())
    result = run("spos", tmp_path / "run", replace(SPOS, on=str(path), trials=12, first=12))
    assert result["latency"]["measured_ms"] is None
    assert result["measured_again"] == []
    assert result["latency_ms"] == result["latency"]["predicted_ms"]
    print_summary(result, tmp_path)
    said = " ".join(capsys.readouterr().out.split())
    assert "latency, from the table" in said
    assert "not measured: there is no runtime fake" in said
    assert "cost is from the table" in (tmp_path / "run" / "report.html").read_text()


def test_a_runtime_is_measured_block_by_block_and_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For real, with a limit that noise does not reach; the table then serves other runs."""
    monkeypatch.setattr(measured, "WHOLE", 5)
    settings = replace(FBNET, on="onnxruntime", latency_s=0.5, max_noise=1.0)
    with pytest.raises(KilledError):
        run("fbnet", tmp_path / "run", settings, killing("measure: networks", begun=True))
    kept = (tmp_path / "run" / "operators.rows.jsonl").read_text()
    result = run("fbnet", tmp_path / "run", settings)
    assert (tmp_path / "run" / "operators.rows.jsonl").read_text() == kept
    (met,) = result["measured_again"]
    assert 0 < met["low_s"] <= met["median_s"] <= met["high_s"] <= 0.5
    target = find_target(str(tmp_path / "run" / "operators.json"))
    assert target.place is not None
    assert target.table is not None
    assert target.table.correction is not None
    assert 0 < target.table.correction.factor < 10
    assert met["predicted_s"] > 0
    assert steady(run("fbnet", tmp_path / "run", settings)) == steady(result)


@pytest.mark.slow
def test_int8_is_measured_where_that_is_asked_for(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Settings] = []

    def build(family: Any, on: str, settings: Settings, out: Path, **rest: Any) -> Any:
        made.append(settings)
        return build_table(family, "fake", settings, out, take=Device())

    monkeypatch.setattr(measured, "build_table", build)
    monkeypatch.setattr(
        measured, "check_additivity", partial(measured.check_additivity, take=Device())
    )
    monkeypatch.setattr(again, "measure_again", Slower(0.5))
    settings = replace(FBNET, on="onnxruntime", precision="int8")
    result = run("fbnet", tmp_path / "run", settings)
    assert [each.precision for each in made] == ["int8"]
    assert result["latency"]["measured_on"] == "onnxruntime, int8"
    assert result["target"] == "onnxruntime, int8"
    assert len(result["measured_again"]) == 1
