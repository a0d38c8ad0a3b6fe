"""`cosearch lut` as people use it."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from tests.calibrate.test_lut import Device
from typer.testing import CliRunner, Result

from cosearch.calibrate import additivity, lut
from cosearch.cli import app
from cosearch.errors import CosearchError

COMMAND = ("build", "--space", "nas-bench-macro", "--on", "fake", "--networks", 6)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["lut", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    """One that is always the same; the real one is measured in `tests.calibrate`."""
    fake = Device()
    monkeypatch.setattr(lut, "build_table", partial(lut.build_table, take=fake))
    check = partial(additivity.check_additivity, take=fake)
    monkeypatch.setattr(additivity, "check_additivity", check)
    return fake


@pytest.fixture
def table(device: Device, tmp_path: Path) -> Path:
    path = tmp_path / "table.json"
    assert run(*COMMAND, "--out", path).exit_code == 0
    return path


def test_build_says_what_it_found(device: Device, tmp_path: Path) -> None:
    done = run(*COMMAND, "--out", tmp_path / "table.json")
    assert "17 distinct blocks of nas-bench-macro on fake, fp32, 1 thread(s)" in done.stdout
    assert "6 whole networks against the table" in done.stdout
    assert "corrected, each network left out" in done.stdout
    assert "+10.0 us +1.000 x sum -10.00 us x blocks" in done.stdout
    asked = len(device.asked)
    run(*COMMAND, "--out", tmp_path / "table.json")
    assert len(device.asked) == asked


def test_build_as_json(device: Device, tmp_path: Path) -> None:
    done = run(*COMMAND, "--out", tmp_path / "table.json", "--json")
    found = json.loads(done.stdout)
    assert (found["rows"], found["networks"]) == (17, 6)
    assert found["sum"]["bias"] > 0.001
    assert found["corrected_leave_one_out"]["mape"] < 1e-6
    assert found["manifest"]["precision"] == "fp32"


def test_a_table_alone(device: Device, tmp_path: Path) -> None:
    done = run(*COMMAND[:-1], 0, "--out", tmp_path / "table.json", "--json")
    assert "correction" not in json.loads(done.stdout)
    assert len(device.asked) == 3 * 17  # visits


def test_check_verifies_and_prints(table: Path) -> None:
    done = run("check", table, "--space", "nas-bench-macro", "--json")
    facts = json.loads(done.stdout)
    assert (facts["space"], facts["rows"], facts["corrected"]) == ("nas-bench-macro", 17, True)
    assert facts["sha256"] == json.loads(table.read_text())["sha256"]
    assert "cpu abacus" in run("check", table).stdout


def test_check_refuses_what_was_changed_or_is_of_another_space(table: Path) -> None:
    with pytest.raises(CosearchError, match=r"of nas-bench-macro, fingerprint .* spos, finger"):
        run("check", table, "--space", "spos")
    table.write_text(table.read_text().replace("abacus", "other cpu"))
    with pytest.raises(CosearchError, match="changed after it was made"):
        run("check", table)


def test_bad_input_is_one_line_each() -> None:
    cases = {
        ("--space", "fbnt"): "unknown space 'fbnt'",
        ("--space", "nasnet"): "space 'nasnet' is no chain of blocks",
        ("--on", "onnxrt"): "unknown runtime 'onnxrt'",
        ("--networks", "3"): "--networks 3: needs 0, or at least 5",
        ("--threads", "0"): "threads 0: at least 1",
        ("--precision", "int4"): "precision 'int4': allowed are fp32, int8",
    }
    for change, said in cases.items():
        options = {"--space": "nas-bench-macro", "--on": "onnxruntime", change[0]: change[1]}
        words = [word for pair in options.items() for word in pair]
        with pytest.raises(CosearchError, match=said):
            run("build", *words)


def test_errors_leave_with_status_2(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cosearch", "lut", "check", str(tmp_path / "none.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: cannot read")
    assert done.stderr.count("\n") == 1
