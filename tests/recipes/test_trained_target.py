"""What a network can be searched for, and where it can be measured once it was found."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.calibrate.test_lut import Device

from cosearch.calibrate.journal import steady
from cosearch.calibrate.lut import build_table
from cosearch.cost.lookup import LookupTable, write_table
from cosearch.errors import CosearchError
from cosearch.families import sized
from cosearch.measure import Settings
from cosearch.measure.device import describe_device
from cosearch.recipes.fbnet.settings import FbnetSettings
from cosearch.recipes.netadapt.settings import NetadaptSettings
from cosearch.recipes.netadapt.target import target_of
from cosearch.recipes.spos.settings import SposSettings
from cosearch.recipes.trained.latency import latency_of
from cosearch.recipes.trained.place import Place
from cosearch.recipes.trained.target import Target, find_target

FAMILY = sized("nas-bench-macro", (1, 8, 8), 10, width=0.1)
HERE = steady(describe_device())


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> LookupTable:
    path = tmp_path_factory.mktemp("tables") / "t.json"
    return build_table(FAMILY, "fake", Settings(), path, take=Device())


def of_here(table: LookupTable, **changes: Any) -> LookupTable:
    """As if measured on this machine."""
    made = {**table.manifest, "on": "onnxruntime", "device": {**HERE, **changes}}
    return replace(table, manifest=made)


def test_a_table_of_this_machine_can_be_measured_again(fake: LookupTable, tmp_path: Path) -> None:
    write_table(tmp_path / "here.json", of_here(fake))
    target = find_target(str(tmp_path / "here.json"))
    assert target.place is not None
    assert (target.figures, target.place.on) == ("from the table", "onnxruntime")
    assert target.place.settings.reference_s is None
    assert target.unmeasured == ""


def test_another_device_is_told_apart(fake: LookupTable, tmp_path: Path) -> None:
    for name, table, why in (
        ("a", of_here(fake, cpu="abacus"), "measured was with cpu abacus, here it is"),
        ("b", of_here(fake, simd="none"), "with simd none"),
        ("c", fake, "there is no runtime fake"),
    ):
        write_table(tmp_path / f"{name}.json", table)
        target = find_target(str(tmp_path / f"{name}.json"))
        assert target.place is None
        assert why in target.unmeasured


def test_a_kernel_is_updated_without_making_another_device(fake: LookupTable) -> None:
    assert Place.of(of_here(fake, os="Linux 1.0", clock_hz=1.0).manifest).missing == ""


def test_what_answers_must_be_what_was_measured() -> None:
    place = Place("board.json", Settings(), {"name": "board", "cpu": "abacus"})
    assert "there is no file board.json" in place.missing
    taken = Device()(FAMILY.network(FAMILY.space.sample(_rng(), 1)[0]), "x", Settings())
    place.check(taken)
    with pytest.raises(CosearchError, match="with cpu abacus, here it is slide rule"):
        place.check(replace(taken, device={"cpu": "slide rule"}))


def _rng() -> Any:
    import numpy as np

    return np.random.default_rng(0)


def test_figures_are_called_what_they_are() -> None:
    device = find_target("tpu-v3")
    assert device.figures == "modelled"
    assert device.place is None
    place = Place("onnxruntime", Settings())
    assert Target("x", place=place).figures == "from its pieces"
    row = {"predicted_s": 1e-3, "median_s": 2e-3, "low_s": 1.9e-3, "high_s": 2.1e-3}
    better = {**row, "median_s": 3e-3}
    found = latency_of(Target("x", place=place), 1e-3, [better, row])
    assert found["predicted_ms"] == 1.0
    assert found["measured_ms"] == {"median": 2.0, "low": 1.9, "high": pytest.approx(2.1)}
    assert found["measured_on"] == "onnxruntime, fp32"
    assert [each["measured_ms"]["median"] for each in found["missed"]] == [3.0]
    assert latency_of(device, 1e-3, ())["measured_ms"] is None


# ---- what is refused, and in which words


@pytest.mark.parametrize("settings", [SposSettings, FbnetSettings, NetadaptSettings])
def test_runtimes_are_targets_of_every_recipe(settings: Any) -> None:
    asked = settings(on="onnxruntime", precision="int8", latency_s=1.0)
    asked.validate()
    assert asked.measuring.precision == "int8"
    with pytest.raises(CosearchError, match=r"energy 1\.0 J: latencies alone were measured"):
        settings(on="onnxruntime", energy_j=1.0).validate()
    with pytest.raises(CosearchError, match="precision int8: is for measuring"):
        settings(on="tpu-v3", precision="int8").validate()
    with pytest.raises(CosearchError, match="unknown device or runtime 'toaster'"):
        settings(on="toaster").validate()
    with pytest.raises(CosearchError, match="precision int8: runtime torch"):
        settings(on="torch", precision="int8").validate()


def test_netadapt_measures_where_a_table_was_measured(fake: LookupTable, tmp_path: Path) -> None:
    path = tmp_path / "here.json"
    write_table(path, of_here(fake))
    target = target_of(NetadaptSettings(on=str(path)))
    assert (target.table, target.device) == (None, None)
    assert target.place is not None
    assert target.place.on == "onnxruntime"
    with pytest.raises(CosearchError, match="latencies alone were measured"):
        NetadaptSettings(on=str(path), energy_j=1.0).validate()


def test_netadapt_says_what_to_take_instead_of_a_table_of_elsewhere(
    fake: LookupTable, tmp_path: Path
) -> None:
    path = tmp_path / "there.json"
    write_table(path, of_here(fake, cpu="abacus"))
    with pytest.raises(
        CosearchError, match=r"lacks the widths .* cpu abacus, here .* name a runtime, a device or"
    ):
        NetadaptSettings(on=str(path)).validate()


def test_a_remote_device_is_a_place(tmp_path: Path) -> None:
    path = tmp_path / "board.json"
    path.write_text(json.dumps({"run": ["true"]}))
    settings = SposSettings(on=str(path))
    assert settings.measured
    assert settings.place.missing == ""
