"""Real signals at real runs: nothing completed is lost, and the end is the same."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

SMALL = ["nahas", "--trials", "160", "--supernet-epochs", "2", "--epochs", "3", "--threads", "1"]
DIFFERING = ("timings", "measured")


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "cosearch", *map(str, arguments)]


def result(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / "result.json").read_text())
    return {key: value for key, value in found.items() if key not in DIFFERING}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "whole"
    done = subprocess.run(command("run", *SMALL, "--out", folder), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def wait_for(path: Path, process: subprocess.Popen[str], size: int = 1) -> None:
    deadline = time.monotonic() + 240
    while not (path.exists() and path.stat().st_size >= size):
        assert process.poll() is None, f"ended before {path.name} was there"
        assert time.monotonic() < deadline, f"{path.name} never came"
        time.sleep(0.005)


def heard() -> None:
    """A shell starts what runs in its background deaf to Ctrl-C; so would be its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


MOMENTS = [
    "checkpoints/supernet.pt",  # while the supernet trains
    "joint/records.jsonl",  # while it searches
    "fixed/records.jsonl",
    "checkpoints/network.pt",  # while the winner trains
    "network.onnx",  # while it exports
]


def test_killed_at_every_stage_it_ends_the_same(whole: Path, tmp_path: Path) -> None:
    """One run, killed with SIGKILL in stage after stage, resumed each time."""
    out = tmp_path / "killed"
    arguments = ["run", *SMALL, "--out", out]
    for moment in MOMENTS:
        with subprocess.Popen(
            command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            wait_for(out / moment, process)
            recorded = (out / moment).read_bytes() if moment.endswith("jsonl") else b""
            process.send_signal(signal.SIGKILL)
        whole_lines = recorded[: recorded.rfind(b"\n") + 1]
        assert (out / moment).read_bytes().startswith(whole_lines)
        arguments = ["resume", out]
    done = subprocess.run(command("resume", out), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert result(out) == result(whole)
    for name in ("joint/records.jsonl", "fixed/records.jsonl", "network.int8.onnx"):
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name


def test_ctrl_c_ends_cleanly_and_says_how_to_go_on(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "interrupted"
    with subprocess.Popen(
        command("run", *SMALL, "--workers", 2, "--out", out),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heard,
    ) as process:
        wait_for(out / "joint" / "records.jsonl", process)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert f"cosearch resume {out}" in " ".join(errors.split())
    assert "Traceback" not in errors
    done = subprocess.run(command("resume", out, "--json"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {k: v for k, v in json.loads(done.stdout).items() if k not in DIFFERING} == result(whole)


def test_two_runs_with_one_seed_are_equal(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "again"
    done = subprocess.run(command("run", *SMALL, "--workers", 2, "--out", out), capture_output=True)
    assert done.returncode == 0
    strip = [json.loads((folder / "result.json").read_text()) for folder in (whole, out)]
    texts = [json.dumps({k: v for k, v in r.items() if k not in DIFFERING}) for r in strip]
    assert texts[0] == texts[1]


def test_a_finished_run_can_be_reported_and_profiled(whole: Path) -> None:
    page = whole / "report.html"
    page.unlink()
    done = subprocess.run(command("report", whole), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert page.stat().st_size > 100_000
    done = subprocess.run(
        command("profile", whole / "network.onnx", "--on", whole / "accelerator.json", "--json"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    profiled, found = json.loads(done.stdout), result(whole)
    assert profiled["total"]["time_us"] == pytest.approx(found["latency_ms"] * 1e3, rel=1e-6)
    assert profiled["total"]["macs"] == found["macs"]
    assert [row["macs"] for row in profiled["layers"]] == [row["macs"] for row in found["layers"]]


def test_a_second_process_is_kept_out(whole: Path) -> None:
    import fcntl

    with (whole / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = subprocess.run(command("resume", whole), capture_output=True, text=True)
    assert done.returncode == 2
    assert "another process is working" in done.stderr
