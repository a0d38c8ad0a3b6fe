"""`cosearch run nahas --accuracy nas-bench-macro`, with a table made up on the spot."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.accuracy.test_tabular import write

from cosearch.benchmarks.nas_bench_macro import FILE

TABLE = ("run", "nahas", "--accuracy", "nas-bench-macro")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write(folder / "nas_bench_macro" / FILE)
    return folder


def cosearch(data: Path | None, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cosearch", *map(str, arguments)]
    there = {"COSEARCH_DATA": str(data)} if data else {}
    kept = {k: v for k, v in os.environ.items() if k != "COSEARCH_DATA"}
    return subprocess.run(command, capture_output=True, text=True, env=kept | there, timeout=300)


def result(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return {key: value for key, value in found.items() if key != "timings"}


def test_search_certificate_files_and_summary(data: Path, tmp_path: Path) -> None:
    done = cosearch(data, *TABLE, "--trials", 300, "--area", "20mm2", "--out", tmp_path / "a")
    assert done.returncode == 0, done.stderr
    found = result(tmp_path / "a")
    certified = found["certified"]
    assert certified["method"] == "exact nesting"
    assert certified["designs"] == 6561 * 50_000
    assert found["validation_accuracy"] <= certified["validation_accuracy"]
    for each in (found, certified):
        assert each["area_mm2"] <= found["limits"]["area_mm2"] == 20.0
        assert each["latency_ms"] <= found["limits"]["latency_ms"]
    assert found["search"]["trials"] == 300
    assert found["fixed_accelerator"]["search"]["trials"] == 6561
    for name in ("accelerator.json", "network.json", "report.html", "joint/records.jsonl"):
        assert (tmp_path / "a" / name).stat().st_size > 0
    assert "328,050,000 designs" in done.stdout
    profiled = cosearch(
        None, "profile", "mobilenet-v2-1.0", "--on", tmp_path / "a" / "accelerator.json"
    )
    assert profiled.returncode == 0, profiled.stderr
    again = cosearch(data, "resume", tmp_path / "a", "--json")
    assert again.returncode == 0, again.stderr
    assert result(tmp_path / "a") == found


def test_exact_is_a_way_to_search(data: Path, tmp_path: Path) -> None:
    limits = ("--area", "20mm2", "--latency", "4us", "--out", tmp_path / "a")
    done = cosearch(data, *TABLE, "--optimizer", "exact", *limits)
    assert done.returncode == 0, done.stderr
    found = result(tmp_path / "a")
    assert found["validation_accuracy"] == found["certified"]["validation_accuracy"]
    assert found["latency_ms"] == found["certified"]["latency_ms"] <= 4e-3
    assert found["search"]["trials"] == found["certified"]["trials_to_optimum"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*TABLE, "--chips", "tpu"), "unknown chips 'tpu': allowed are apollo, nahas"),
        (("run", "nahas", "--chips", "apollo"), "unknown chips 'apollo': allowed are nahas"),
        (("run", "nahas", "--optimizer", "exact"), "unknown optimizer 'exact'"),
        (("run", "nahas", "--accuracy", "tables"), "unknown accuracy 'tables'"),
    ],
)
def test_refused_in_one_line(
    data: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = cosearch(data, *arguments, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert [message in line for line in done.stderr.splitlines() if "error: " in line] == [True]


def test_a_folder_without_the_table_is_refused(tmp_path: Path) -> None:
    """Whether there is a network or not: nothing is half-written."""
    done = cosearch(tmp_path / "nowhere", *TABLE, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "no such folder" in done.stderr
    assert not (tmp_path / "out").exists()
