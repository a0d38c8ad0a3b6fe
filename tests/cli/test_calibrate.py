"""`cosearch calibrate` as people use it."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from tests.calibrate.few_samples import Phone
from typer.testing import CliRunner, Result

from cosearch.calibrate import calibrate
from cosearch.cli import app
from cosearch.errors import CosearchError

COMMAND = ("--space", "nas-bench-macro", "--on", "fake", "--samples", 8, "--held-out", 6)


def run(*arguments: object, verb: str = "calibrate") -> Result:
    return CliRunner().invoke(app, [verb, *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    fake = Phone()
    monkeypatch.setattr(calibrate, "calibrate", partial(calibrate.calibrate, take=fake))
    return fake


def test_it_says_how_far_it_is_off_and_serves_as_a_device(phone: Phone, tmp_path: Path) -> None:
    out = tmp_path / "c.json"
    done = run(*COMMAND, "--out", out)
    assert "nas-bench-macro on fake, fp32, 1 thread(s), abacus" in done.stdout
    assert "corrected by 8 networks" in done.stdout
    for row in ("8 left out", "6 held out", "6 by MACs"):
        assert row in done.stdout
    assert len(phone.asked) == 3 * 14  # visits
    found = json.loads(run(*COMMAND, "--out", out, "--json").stdout)
    assert len(phone.asked) == 3 * 14  # visits  # none anew
    assert found["errors"]["held_out"]["networks"] == 6
    assert found["errors"]["held_out"]["mape"] < 0.1
    profile = ("mobilenet-v2", "--on", out)
    assert "two times in three" in run(*profile, verb="profile").stdout
    total = json.loads(run(*profile, "--json", verb="profile").stdout)["total"]
    assert total["time_us"] > 0
    assert total["spread"] > found["errors"]["held_out"]["mape"]


def test_a_search_runs_on_it_and_on_no_other_space(phone: Phone, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    out = tmp_path / "c.json"
    few = ("--samples", 6, "--held-out", 0, "--model", "x86-avx2", "--image-size", 64)
    run("--space", "accel-nasbench", "--on", "fake", *few, "--out", out)
    search = ("mnasnet", "--on", out, "--trials", 16, "--out", tmp_path / "run", "--json")
    run(*search, "--image-size", 64, verb="run")
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert "calibrated on fake fp32" in result["cost_model"]
    assert 0 < result["latency_ms"] <= result["limits"]["latency_ms"]
    with pytest.raises(CosearchError, match=r"accel-nasbench, fingerprint .* fingerprint"):
        run(*search[:-2], tmp_path / "other", "--image-size", 96, verb="run")


def test_bad_input_is_one_line_each() -> None:
    cases = {
        ("--space", "fbnt"): "unknown space 'fbnt'",
        ("--space", "nahas-chip"): "unknown space 'nahas-chip'",
        ("--on", "onnxrt"): "unknown runtime 'onnxrt'",
        ("--samples", "4"): "4 samples: at least 5",
        ("--held-out", "2"): "2 networks held out: needs 0, or at least 5",
        ("--image-size", "16"): "image size 16: 32 to 512",
        ("--model", "z80"): "unknown device 'z80'",
        ("--precision", "int4"): "precision 'int4': allowed are fp32, int8",
    }
    for change, said in cases.items():
        options = {"--space": "fbnet-cifar", "--on": "onnxruntime", change[0]: change[1]}
        words = [word for pair in options.items() for word in pair]
        with pytest.raises(CosearchError, match=said):
            run(*words)
    with pytest.raises(CosearchError, match="space mobile has images of its own size"):
        run("--space", "mobile", "--on", "onnxruntime", "--image-size", 64)


@pytest.mark.slow
def test_this_machine(tmp_path: Path) -> None:
    """In a process of its own; whatever the noise, the file is whole and remembers it."""
    pytest.importorskip("onnxruntime")
    out = tmp_path / "c.json"
    words = ["--space", "nas-bench-macro", "--on", "onnxruntime", "--samples", "5"]
    words += ["--held-out", "5", "--max-noise", "5", "--accept-noise", "--json", "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "cosearch", "calibrate", *words],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["manifest"]["runtime"] == "onnxruntime"
    assert found["errors"]["held_out"]["mape"] >= 0
    assert json.loads(out.read_text())["sha256"] == found["sha256"]
