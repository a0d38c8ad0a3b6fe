"""The validation of lookup tables, on a device that is always the same."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

import pytest
from tests.calibrate.test_lut import Device

from cosearch.families import FAMILIES
from validation import lut_onnxruntime as script


def test_figures_are_of_networks_not_fitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    device = Device()
    monkeypatch.setitem(script.SPACES, "like-mobilenet", FAMILIES["nas-bench-macro"].make())
    monkeypatch.setattr(script, "build_table", partial(script.build_table, take=device))
    monkeypatch.setattr(script, "check_additivity", partial(script.check_additivity, take=device))
    out = tmp_path / "figures.json"
    command = "lut --on fake --precisions fp32 --fit 8 --show 6"
    monkeypatch.setattr(sys, "argv", [*command.split(), "--data", str(tmp_path), "--out", str(out)])
    script.main()
    assert "table, corrected" in capsys.readouterr().out
    (found,) = json.loads(out.read_text())["figures"].values()
    assert found["blocks"] == 17
    assert found["correction"]["networks"] == 8
    assert found["table, corrected"]["mape"] < 1e-6
    assert found["sum of blocks"]["bias"] > 0
    assert len(device.asked) == 5 * (17 + 8 + 6)  # visits


def test_the_space_is_of_11_to_19_blocks() -> None:
    depths = [stage.depths for stage in script.LIKE_MOBILENET.stages]
    assert (sum(map(min, depths)), sum(map(max, depths))) == (11, 19)
